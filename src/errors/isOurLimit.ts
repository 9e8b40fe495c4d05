import type { DownloadError } from "./DownloadError.js";

/** True when a request to a peer failed because this machine has no room for one more, such as a file descriptor: fewer of them have it. */
export function isOurLimit({ code, peer }: Pick<DownloadError, "code" | "peer">): boolean {
  return code === "LOCAL_IO" && peer !== undefined;
}
