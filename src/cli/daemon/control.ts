import { lastValueFrom } from "rxjs";
import type { ControlAsk } from "../../command.js";
import { UsageError, usageLater } from "../UsageError.js";
import { askDaemon } from "./reachDaemon.js";

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
  await usageLater(lastValueFrom(askDaemon(request)));
}

function idOf(text: string): number {
  const id = Number(text);
  if (/^\d+$/.test(text) && id >= 1) return id;
  throw new UsageError(`${JSON.stringify(text)} is no download; it must be a number that tributary list shows`);
}
