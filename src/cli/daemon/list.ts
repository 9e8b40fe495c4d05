import { lastValueFrom, map, switchMap, take } from "rxjs";
import { output } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { keptRows } from "./keptRows.js";
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
    say(
      "no daemon runs, so nothing goes on; tributary serve starts one, and so does every command that changes the list",
    );
}
