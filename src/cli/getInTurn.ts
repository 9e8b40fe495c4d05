import { lastValueFrom, type MonoTypeOperatorFunction, tap } from "rxjs";
import { DownloadError, type DownloadErrorCode, type DownloadEvent } from "../index.js";
import type { FileDownload } from "../node.js";
import { exitCodeOf, exitCodes } from "./exitCodes.js";
import { resumeCommand } from "./resumeCommand.js";
import { say } from "./say.js";

interface Showing {
  readonly show: MonoTypeOperatorFunction<DownloadEvent>;
  readonly quiet: boolean;
}

/**
 * Runs one download after the other. One that fails does not keep the next from being tried; the first failure sets the exit
 * code. One that was interrupted is the last.
 */
export async function getInTurn(downloads: readonly FileDownload[], { show, quiet }: Showing): Promise<void> {
  let firstFailure: DownloadError | undefined;
  let keptSome = false;
  for (const { name, events } of downloads) {
    const { last, error } = await outcomeOf(events.pipe(show));
    if (last?.type === "download-paused") {
      process.exitCode = exitCodes.interrupted;
      const how = last.account.verified > 0 ? "paused and saved; to go on" : "paused; to try again";
      if (!quiet) say(`${how}: ${resumeCommand(process.argv)}`);
      return;
    }
    if (error === undefined) continue;
    firstFailure ??= error;
    keptSome ||= last?.type === "download-failed" && last.resumable && last.account.verified > 0;
    const { message } = withHint(error);
    say(downloads.length > 1 && name !== undefined ? `${name}: ${message}` : message);
  }
  if (firstFailure === undefined) return;
  if (keptSome && !quiet) {
    const anew = "to begin anew, remove its .part and .part.json";
    say(`what was verified is kept; ${anew}; to go on: ${resumeCommand(process.argv)}`);
  }
  process.exitCode = exitCodeOf(firstFailure);
}

/** The last event, and the error that followed it. Errors that are no failure of a download are thrown. */
async function outcomeOf(
  events: FileDownload["events"],
): Promise<{ readonly last: DownloadEvent | undefined; readonly error?: DownloadError }> {
  let last: DownloadEvent | undefined;
  try {
    await lastValueFrom(events.pipe(tap((event) => (last = event))), { defaultValue: undefined });
    return { last };
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    return { last, error };
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
