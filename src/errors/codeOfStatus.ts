import type { DownloadErrorCode } from "./verdicts.js";

const meanings: Readonly<Record<number, DownloadErrorCode>> = {
  401: "AUTH_FAILED",
  403: "AUTH_FAILED",
  404: "FILE_NOT_FOUND",
  407: "AUTH_FAILED",
  408: "PEER_BUSY",
  410: "FILE_NOT_FOUND",
  // The file was asked for on the condition that it is still the same, and is another now.
  412: "RESOURCE_CHANGED",
  // Nobody asks for bytes beyond the end of a file.
  416: "PROTOCOL_ERROR",
  // The connection leads to a server that is not in charge; the next one may not (RFC 9110, 15.5.20).
  421: "PEER_UNAVAILABLE",
  425: "PEER_BUSY",
  429: "RATE_LIMITED",
  503: "PEER_BUSY",
};

/** The meaning of an HTTP status that is not the one hoped for. */
export function codeOfStatus(status: number): DownloadErrorCode {
  return meanings[status] ?? (status >= 500 ? "PEER_UNAVAILABLE" : "PEER_REJECTED");
}
