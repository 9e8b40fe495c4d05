import { catchError, type MonoTypeOperatorFunction, throwError } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { withWords } from "../errors/withWords.js";
import { chunkCount } from "../manifest/chunks.js";
import type { DownloadRun } from "./DownloadRun.js";
import { formatBytes } from "./formatBytes.js";
import { plural } from "./plural.js";
import { isForWant } from "./resumable.js";

type Run = Pick<DownloadRun, "pool" | "progress" | "parts">;

/**
 * The errors that end a download for want of chunks, with what a chunk's own does not say: how many are lacking, how many of these nobody has who is there, and
 * how much is here. So everyone of a crowd that lacks something says the same of it, also the last one, who is alone.
 */
export function withLacking<T>(run: Run): MonoTypeOperatorFunction<T> {
  return catchError((thrown: unknown) => throwError(() => explained(run, toDownloadError(thrown))));
}

function explained({ pool, progress, parts: { manifest } }: Run, error: DownloadError): DownloadError {
  if (!isForWant(error.code)) return error;
  const all = chunkCount(manifest);
  const lacking = [...progress.missing(new Set())];
  const unheld = pool.unheld(lacking).length;
  // Of a file of which nothing is here, and nothing could be told by anybody, there is nothing to add.
  if (lacking.length === 0 || (lacking.length === all && unheld === 0)) return error;
  const which =
    unheld === lacking.length ? ", which nobody has who is there" : `, ${unheld} of which nobody has who is there`;
  const missing = `${lacking.length} of ${plural(all, "chunk")} ${lacking.length === 1 ? "is" : "are"} lacking`;
  const here = `${formatBytes(progress.completeBytes)} of ${formatBytes(manifest.size)} are here`;
  return withWords(error, `${missing}${unheld === 0 ? "" : which}; ${here}`);
}
