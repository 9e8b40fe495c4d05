import type { DownloadErrorCode } from "../errors/verdicts.js";

const final: ReadonlySet<DownloadErrorCode> = new Set([
  "DIFFERENT_FILES",
  "INVALID_CHECKPOINT",
  "INVALID_INDEX",
  "INVALID_MANIFEST",
  "LOCKED",
  "TARGET_EXISTS",
]);

/** Whether the same download, run again, may go on from what is saved. */
export function isResumable(code: DownloadErrorCode): boolean {
  return !final.has(code);
}
