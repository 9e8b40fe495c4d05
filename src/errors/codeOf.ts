import type { DownloadErrorCode } from "./verdicts.js";
import { isDownloadErrorCode } from "./verdicts.js";

/** The code that any thrown value carries; `UNKNOWN` when that is none of ours. */
export function codeOf(thrown: unknown): DownloadErrorCode {
  const { code } = Object(thrown) as { readonly code?: unknown };
  return isDownloadErrorCode(code) ? code : "UNKNOWN";
}
