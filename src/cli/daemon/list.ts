import { lastValueFrom, map, type Observable, switchMap, take } from "rxjs";
import { managerPath, peekManager } from "../../command.js";
import type { DownloadRow } from "../../node.js";
import { output } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { againWhileEnding, findDaemon } from "./reachDaemon.js";
import { renderRows } from "./renderRows.js";
import { rowsOf } from "./rowsOf.js";

export interface ListFlags {
  readonly json?: boolean;
}

/** Runs `tributary list`: what the daemon says, or, where none runs, what it kept. */
export async function list({ json = false }: ListFlags): Promise<void> {
  const rows = findDaemon().pipe(
    switchMap((daemon) => {
      const found = daemon === undefined ? keptRows() : rowsOf(daemon);
      return found.pipe(map((each) => ({ each, hasDaemon: daemon !== undefined })));
    }),
    take(1),
    againWhileEnding(),
  );
  const { each: all, hasDaemon } = await lastValueFrom(rows);
  const out = lineWriter(output);
  if (json) for (const row of all) out.writeJson(row);
  else for (const line of renderRows(all, Date.now())) out.write(line);
  if (all.length === 0 && !json) out.write("no downloads; tributary add URL adds one");
  if (!hasDaemon && all.some(({ state }) => state === "waiting"))
    say("no daemon runs, so nothing goes on; tributary serve starts one");
}

function keptRows(): Observable<readonly DownloadRow[]> {
  return peekManager(managerPath()).pipe(
    map((record) =>
      (record?.downloads ?? []).map(({ added, path, ...kept }) => ({
        ...{ bytesPerSecond: 0, peers: 0, retries: 0, recovering: 0 },
        ...kept,
        state: kept.state === "running" ? ("waiting" as const) : kept.state,
        sources: added.sources,
        dir: added.options.dir ?? record?.settings.dir ?? "",
        ...(kept.state === "completed" && path !== undefined && { path }),
      })),
    ),
  );
}
