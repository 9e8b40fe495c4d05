import type { DownloadErrorCode } from "./verdicts.js";
import { verdicts } from "./verdicts.js";

/** Tells whether a peer that failed so only asked for time. */
export function isBusy({ code }: { readonly code: DownloadErrorCode }): boolean {
  return verdicts[code].blame === "busy";
}
