import { DownloadError } from "./DownloadError.js";

/** An error whose message goes on with these words; all else of it is the same. */
export function withWords(error: DownloadError, words: string): DownloadError {
  return new DownloadError(error.code, `${error.message}; ${words}`, error);
}
