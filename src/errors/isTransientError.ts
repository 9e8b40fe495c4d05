import { codeOf } from "./codeOf.js";
import { isDownloadErrorCode, verdicts } from "./verdicts.js";

/** Tells whether asking again may help. Takes an error, its code, or anything thrown; what nobody knows counts as transient. */
export function isTransientError(error: unknown): boolean {
  const code = isDownloadErrorCode(error) ? error : codeOf(error);
  return verdicts[code].verdict === "retry";
}
