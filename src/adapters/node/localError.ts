import { DownloadError } from "../../errors/DownloadError.js";
import { systemWords } from "./systemWords.js";

/**
 * The system's error as a `LOCAL_IO` that names what was tried, the path and the cause. A `DownloadError` is left as it is.
 *
 * @param attempted what could not be done, as in "write" or "open"
 */
export function localError(attempted: string, path: string, cause: unknown): DownloadError {
  if (cause instanceof DownloadError) return cause;
  return new DownloadError("LOCAL_IO", `cannot ${attempted} ${path}: ${systemWords(cause)}`, { cause });
}

/** Tells whether the system refused with one of these codes, such as `ENOENT`. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
