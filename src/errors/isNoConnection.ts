import type { DownloadErrorCode } from "./verdicts.js";

/** True for the code of a request that failed because no connection to its peer held. */
export function isNoConnection(code: DownloadErrorCode): boolean {
  return code.startsWith("CONNECTION_") || code === "HOST_NOT_FOUND";
}
