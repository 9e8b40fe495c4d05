import { lastValueFrom, type MonoTypeOperatorFunction, type Observable, tap } from "rxjs";
import { DownloadError, type DownloadErrorCode, type DownloadEvent } from "../index.js";
import type { FileDownload } from "../node.js";
import { exitCodeOf, exitCodes } from "./exitCodes.js";
import { resumeCommand } from "./resumeCommand.js";
import { say } from "./say.js";

interface Showing {
  readonly show: MonoTypeOperatorFunction<DownloadEvent>;
  readonly quiet: boolean;
}

/** A download, and the name to speak of it. */
interface NamedDownload {
  readonly name?: FileDownload["name"];
  readonly events: Observable<DownloadEvent>;
}

/**
 * Runs one download after the other. One that fails does not keep the next from being tried; the first failure sets the exit
 * code. One that was interrupted is the last.
 */
export async function getInTurn(downloads: readonly NamedDownload[], { show, quiet }: Showing): Promise<void> {
  let firstFailure: DownloadError | undefined;
  const kept = new Set<Kept>();
  for (const { name, events } of downloads) {
    const { last, saved, error } = await outcomeOf(events.pipe(show));
    if (last?.type === "download-paused") {
      process.exitCode = exitCodes.interrupted;
      const how = last.account.done > 0 ? "paused and saved; to go on" : "paused; to try again";
      if (!quiet) say(`${how}: ${resumeCommand(process.argv)}`);
      return;
    }
    if (error === undefined) continue;
    firstFailure ??= error;
    kept.add(keptOf(last, saved));
    const { message } = withHint(error);
    say(downloads.length > 1 && name !== undefined ? `${name}: ${message}` : message);
  }
  if (firstFailure === undefined) return;
  if (!quiet && (kept.has("all") || kept.has("some"))) {
    const what = kept.has("some") ? "what was saved before is kept" : "what was verified is kept";
    const anew = "to begin anew, remove its .part and .part.json";
    say(`${what}; ${anew}; to go on: ${resumeCommand(process.argv)}`);
  }
  process.exitCode = exitCodeOf(firstFailure);
}

/** Of what a failed download has verified, how much its record claims. */
type Kept = "all" | "some" | "nothing";

function keptOf(last: DownloadEvent | undefined, saved: number): Kept {
  if (last?.type !== "download-failed" || !last.resumable || last.account.done === 0 || saved === 0) return "nothing";
  return saved < last.account.done ? "some" : "all";
}

interface Outcome {
  readonly last: DownloadEvent | undefined;
  /** Bytes that the last record claims. */
  readonly saved: number;
  readonly error?: DownloadError;
}

/** How a download ended, with the error that followed its last event. Errors that are no failure of a download are thrown. */
async function outcomeOf(events: Observable<DownloadEvent>): Promise<Outcome> {
  let last: DownloadEvent | undefined;
  let saved = 0;
  const watched = events.pipe(
    tap((event) => {
      last = event;
      if (event.type === "checkpoint-saved") saved = event.done;
    }),
  );
  try {
    await lastValueFrom(watched, { defaultValue: undefined });
    return { last, saved };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    return { last, saved, error };
  }
}

const hints: Partial<Record<DownloadErrorCode, string>> = {
  AUTH_FAILED: "if it wants a token, give that with --token HOST=SECRET",
  TARGET_EXISTS: "--overwrite replaces it, -o chooses another name",
  DIFFERENT_FILES: "run tributary get once for each of them",
  INVALID_CHECKPOINT: "choose another name with -o, or remove its .part and .part.json to begin anew",
};

/** The error with what the user could do about it on the command line. */
export function withHint(error: DownloadError): DownloadError {
  const hint = hints[error.code];
  return hint === undefined ? error : new DownloadError(error.code, `${error.message}; ${hint}`, { cause: error });
}
