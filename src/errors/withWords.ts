import { DownloadError } from "./DownloadError.js";

/** An error whose message goes on with these words; all else of it is the same. */
export function withWords(error: DownloadError, words: string): DownloadError {
  const { code, message, chunk, peer, attempt, retryAfterMs, cause } = error;
  return new DownloadError(code, `${message}; ${words}`, {
    cause,
    ...(chunk !== undefined && { chunk }),
    ...(peer !== undefined && { peer }),
    ...(attempt !== undefined && { attempt }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
