import type { DownloadErrorDetails } from "./DownloadError.js";
import { DownloadError } from "./DownloadError.js";
import { isDownloadErrorCode } from "./verdicts.js";

/** Any thrown value as a `DownloadError`: itself, or one with the code that it carries, or `UNKNOWN`. */
export function toDownloadError(thrown: unknown, details: DownloadErrorDetails = {}): DownloadError {
  if (thrown instanceof DownloadError) return thrown;
  const { code, message } = Object(thrown) as { code?: unknown; message?: unknown };
  const text = typeof message === "string" && message !== "" ? message : String(thrown);
  return new DownloadError(isDownloadErrorCode(code) ? code : "UNKNOWN", text, { cause: thrown, ...details });
}
