import type { DownloadErrorCode } from "../errors/verdicts.js";

const final: ReadonlySet<DownloadErrorCode> = new Set([
  "DIFFERENT_FILES",
  "INVALID_CHECKPOINT",
  "INVALID_INDEX",
  "INVALID_MANIFEST",
  "LOCKED",
  "TARGET_EXISTS",
]);

/** True of a failure for want of somebody who brings what is lacking: not of one of the disk, or of a file that is another one now. */
export function isForWant(code: DownloadErrorCode): boolean {
  return isResumable(code) && code !== "LOCAL_IO" && code !== "RESOURCE_CHANGED";
}

/** True when the same download, run again, may go on from what is saved after a failure with this code. */
export function isResumable(code: DownloadErrorCode): boolean {
  return !final.has(code);
}
