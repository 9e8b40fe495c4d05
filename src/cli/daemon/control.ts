import { lastValueFrom, switchMap, take } from "rxjs";
import type { ControlAsk } from "../../command.js";
import type { DownloadRow } from "../../node.js";
import { output } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { UsageError, usageLater } from "../UsageError.js";
import { againWhileEnding, askDaemon, reachDaemon } from "./reachDaemon.js";
import { rowsOf, titleOf } from "./rowsOf.js";

export interface ControlFlags {
  readonly all?: boolean;
  readonly deleteFiles?: boolean;
}

export type Verb = "pause" | "resume" | "cancel" | "retry" | "remove";

/** Runs `tributary pause`, `resume`, `cancel`, `retry` or `remove`. */
export async function control(
  verb: Verb,
  ids: readonly string[],
  { all = false, deleteFiles }: ControlFlags,
): Promise<void> {
  if (!all && ids.length === 0) throw new UsageError("missing required argument 'id'; --all is all of them");
  if (all && ids.length > 0) throw new UsageError(`--all is all downloads, and ${ids.join(", ")} are some of them`);
  const downloads = all ? ("all" as const) : ids.map(idOf);
  const files = deleteFiles ? "remove" : "keep";
  const request: ControlAsk =
    verb === "cancel" || verb === "remove" ? { type: verb, downloads, files } : { type: verb, downloads };
  const rows = reachDaemon().pipe(switchMap(rowsOf), take(1), againWhileEnding());
  const before = await lastValueFrom(rows);
  await usageLater(lastValueFrom(askDaemon(request)));
  tell(
    verb,
    before.filter(({ id }) => downloads === "all" || downloads.includes(id)),
    { all, removes: verb === "cancel" && files === "remove" },
  );
}

/** Says of each download what was done to it; of those that were named, also why nothing was. Of cancelled ones the files may still be removed. */
function tell(
  verb: Verb,
  rows: readonly DownloadRow[],
  { all, removes }: { readonly all: boolean; readonly removes: boolean },
): void {
  const out = lineWriter(output);
  const [applies, done] = effects[verb];
  const met = rows.filter(({ state }) => applies.includes(state));
  for (const row of met) out.write(`${row.id}  ${done}  ${titleOf(row)}`);
  const emptied = removes ? rows.filter(hasLeftFiles) : [];
  for (const row of emptied) out.write(`${row.id}  unfinished file removed  ${titleOf(row)}`);
  if (all && met.length + emptied.length === 0) say(`no download is there to ${verb}`);
  if (all) return;
  for (const row of rows.filter((each) => !met.includes(each) && !emptied.includes(each)))
    say(`${row.id}  ${titleOf(row)} is ${row.state}: there is nothing to ${verb}`);
}

/** True of a cancelled download of which something may be here: it knew its file. */
function hasLeftFiles({ state, removed = false, size }: DownloadRow): boolean {
  return state === "cancelled" && !removed && size !== undefined;
}

/** States of downloads to which a verb applies, and the word for what it did. */
const effects: Readonly<Record<Verb, readonly [readonly DownloadRow["state"][], string]>> = {
  pause: [["waiting", "running"], "paused"],
  resume: [["paused", "cancelled"], "goes on"],
  cancel: [["waiting", "running", "paused", "failed"], "cancelled"],
  retry: [["failed"], "is tried again"],
  remove: [["waiting", "running", "paused", "cancelled", "completed", "failed"], "removed"],
};

function idOf(text: string): number {
  const id = Number(text);
  if (/^\d+$/.test(text) && id >= 1) return id;
  throw new UsageError(`${JSON.stringify(text)} is no download; it must be a number that tributary list shows`);
}
