import { lastValueFrom, map, type Observable, switchMap, take } from "rxjs";
import { formatBytes, formatDuration, managerPath, peekManager } from "../../command.js";
import type { DownloadRow } from "../../node.js";
import { output } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { againWhileEnding, findDaemon } from "./reachDaemon.js";
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
  for (const row of all)
    if (json) out.writeJson(row);
    else renderRow(row).forEach((line) => out.write(line));
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

/** Lines of a download: its figures, then what is wrong with it. */
function renderRow(row: DownloadRow): readonly string[] {
  const { id, name, sources, state, phase, waitingFor, size, done, bytesPerSecond, secondsLeft, priority, error } = row;
  const how = state === "running" && phase === "waiting" ? `waits (${waitingFor ?? "for peers"})` : state;
  const percent =
    size === undefined || size === 0 ? (state === "completed" ? "100 %" : "") : `${Math.floor((done * 100) / size)} %`;
  const words = [
    String(id).padStart(4),
    how.padEnd(9),
    percent.padStart(5),
    (size === undefined ? "" : formatBytes(size)).padStart(10),
    ...(state === "running" ? [`${formatBytes(bytesPerSecond)}/s`] : []),
    ...(state === "running" && secondsLeft !== undefined ? [`${formatDuration(secondsLeft * 1000)} left`] : []),
    ...(priority === "normal" ? [] : [priority]),
    name ?? sources[0] ?? "",
  ];
  const wrong = state === "failed" && error !== undefined ? [`      ${error.message} (${error.code})`] : [];
  return [words.join("  ").trimEnd(), ...wrong];
}
