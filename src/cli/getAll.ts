import { lastValueFrom, type MonoTypeOperatorFunction, type Observable, tap } from "rxjs";
import { DownloadError, type DownloadErrorCode, type DownloadEvent } from "../index.js";
import type { FileOutcome, ListEvent } from "../node.js";
import { exitCodeOf, exitCodes } from "./exitCodes.js";
import { resumeCommand } from "./resumeCommand.js";
import { say } from "./say.js";
import { fileLabel } from "./show/fileLabel.js";
import { asTyped, type TypedNames } from "./UsageError.js";

interface Showing {
  readonly show: MonoTypeOperatorFunction<ListEvent>;
  readonly quiet: boolean;
  /** Options of one file as they are typed, by what the library calls them. */
  readonly calledOf?: TypedNames;
}

/**
 * Runs a list to its end. A failure keeps no other file from being tried; at the end each is told, and the first one, in the order of the list, sets the exit
 * code. When the list is interrupted that is 130.
 */
export async function getAll(list: Observable<ListEvent>, { show, quiet, calledOf }: Showing): Promise<void> {
  const kept = new KeptFiles();
  const last = await lastValueFrom(
    list.pipe(
      tap((event) => kept.take(event)),
      show,
    ),
  );
  if (last.type !== "list-ended") throw new Error(`the last event of the list is ${last.type}, expected list-ended`);
  const { outcomes } = last;
  const isMany = outcomes.length > 1;
  const failed = outcomes.filter((outcome) => outcome.status === "failed");
  for (const outcome of failed) {
    const message = asTyped(withHint(outcome.error, isMany).message, calledOf);
    const label = fileLabel(outcome);
    // Most messages name the thing themselves.
    say(isMany && !message.startsWith(label) ? `${label}: ${message}` : message);
  }
  const again = resumeCommand(process.argv);
  if (outcomes.length === 0 || outcomes.some(({ status }) => status === "paused")) {
    process.exitCode = exitCodes.interrupted;
    const isSaved = outcomes.some(({ account }) => account.done > 0);
    if (!quiet) say(`${isSaved ? "paused and saved; to go on" : "paused; to try again"}: ${again}`);
    return;
  }
  const [first] = failed;
  if (first === undefined) {
    // Only the page of a list cancels.
    if (!outcomes.some(({ status }) => status === "cancelled")) return;
    process.exitCode = exitCodes.interrupted;
    if (!quiet) say(`cancelled; to try again: ${again}`);
    return;
  }
  process.exitCode = exitCodeOf(first.error);
  if (quiet) return;
  // Words that were wrong are no way to go on.
  const isOfWords = process.exitCode === exitCodes.usage;
  if (isMany) say(`${failed.length} of ${outcomes.length} files failed; to try them again: ${again}`);
  else if (kept.what !== undefined) say(isOfWords ? kept.what : `${kept.what}; to go on: ${again}`);
  else if (kept.unproven !== undefined) say(kept.unproven);
}

/** Takes in how much of what failed downloads have verified their records claim. */
class KeptFiles {
  readonly #last = new Map<number, DownloadEvent>();
  readonly #saved = new Map<number, number>();
  readonly #kept = new Set<Kept>();
  readonly #paths = new Map<number, string>();
  #unproven: string | undefined;

  take(event: ListEvent): void {
    if (event.type === "file-ended") this.#end(event.outcome);
    if (event.type !== "file-event") return;
    this.#last.set(event.file, event.event);
    if (event.event.type === "download-started" && event.event.path !== undefined)
      this.#paths.set(event.file, event.event.path);
    if (event.event.type === "checkpoint-saved") this.#saved.set(event.file, event.event.done);
  }

  /** Words for what the records keep; none where nothing is kept. */
  get what(): string | undefined {
    if (!this.#kept.has("all") && !this.#kept.has("some")) return undefined;
    const what = this.#kept.has("some") ? "what was saved before is kept" : "what was verified is kept";
    return `${what}; to begin anew, remove its .part, .part.json and .part.hashes`;
  }

  /** Words for bytes that are left although none of them counts; nothing where there are none. */
  get unproven(): string | undefined {
    return this.#unproven;
  }

  #end({ file, status }: FileOutcome): void {
    const last = this.#last.get(file);
    if (status === "failed") this.#kept.add(keptOf(last, this.#saved.get(file)));
    const path = this.#paths.get(file);
    if (path !== undefined && isUnproven(last))
      this.#unproven = `what came is left in ${path}.part, to be looked at; the next run takes nothing of it and fetches all anew`;
    this.#last.delete(file);
    this.#saved.delete(file);
  }
}

/** True of a download whose bytes all came, and were found wrong. */
function isUnproven(last: DownloadEvent | undefined): boolean {
  return (
    last?.type === "download-failed" &&
    last.code === "CHECKSUM_MISMATCH" &&
    last.account.done === 0 &&
    last.account.received > 0
  );
}

type Kept = "all" | "some" | "nothing";

/** Share of what a failed download has verified that its record claims; one that wrote none leaves that of an earlier run. */
function keptOf(last: DownloadEvent | undefined, saved?: number): Kept {
  if (last?.type !== "download-failed" || !last.resumable) return "nothing";
  const { done, resumed } = last.account;
  const claimed = saved ?? resumed;
  if (done === 0 || claimed === 0) return "nothing";
  return claimed < done ? "some" : "all";
}

const hints: Partial<Record<DownloadErrorCode, string>> = {
  AUTH_FAILED: "if it wants a token, give that with --token HOST=SECRET",
  TARGET_EXISTS: "--overwrite replaces it, -o chooses another name",
  DIFFERENT_FILES: "run tributary get once for each of them, or give a list of them with -i",
  INVALID_CHECKPOINT: "choose another name with -o, or remove its .part, .part.json and .part.hashes to begin anew",
};

/** Hints where a name of one file, as `-o` gives it, is of no use. */
const hintsOfMany: typeof hints = {
  ...hints,
  TARGET_EXISTS: "--overwrite replaces it if it was here before, out= in a list (-i) chooses another name",
  DIFFERENT_FILES: "give each of them a line of its own in the list",
  INVALID_CHECKPOINT:
    "choose another name with out= in a list (-i), or remove its .part, .part.json and .part.hashes to begin anew",
};

/** The error with what the user could do about it on the command line; a misfit of sources says so itself. */
export function withHint(error: DownloadError, isMany = false): DownloadError {
  const hint = error.cause instanceof TypeError ? undefined : (isMany ? hintsOfMany : hints)[error.code];
  return hint === undefined ? error : new DownloadError(error.code, `${error.message}; ${hint}`, { cause: error });
}
