import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { chunkCount } from "../manifest/chunks.js";
import type { DownloadRun } from "./DownloadRun.js";
import { plural } from "./plural.js";

/** The error that ends a download, with what a chunk's own does not say: how many of those that are missing nobody has who is there. */
export function withUnheld({ pool, progress, parts }: DownloadRun, thrown: unknown): DownloadError {
  const error = toDownloadError(thrown);
  const { code, message, chunk, peer, attempt, cause } = error;
  if (chunk === undefined || code === "LOCAL_IO") return error;
  const { length } = pool.unheld(progress.missing(new Set()));
  if (length === 0) return error;
  const text = `nobody who is there has ${length} of ${plural(chunkCount(parts.manifest), "chunk")}; ${message}`;
  return new DownloadError(code, text, {
    ...{ chunk, cause },
    ...(peer !== undefined && { peer }),
    ...(attempt !== undefined && { attempt }),
  });
}
