import { toDownloadError } from "./toDownloadError.js";
import { isDownloadErrorCode, verdicts } from "./verdicts.js";

/** Whether asking again may help. Takes an error, its code, or anything thrown; what nobody knows counts as transient. */
export function isTransientError(error: unknown): boolean {
  const code = isDownloadErrorCode(error) ? error : toDownloadError(error).code;
  return verdicts[code].verdict === "retry";
}
