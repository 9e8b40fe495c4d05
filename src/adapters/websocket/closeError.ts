import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { excerpt } from "../../errors/excerpt.js";

/** Meaning of a peer that hangs up. Codes that are not here, and 1006 (no goodbye at all), are `CONNECTION_LOST`. */
const meanings: Readonly<Record<number, DownloadErrorCode>> = {
  1002: "PROTOCOL_ERROR",
  1003: "PROTOCOL_ERROR",
  1007: "PROTOCOL_ERROR",
  1008: "PEER_REJECTED",
  1009: "PROTOCOL_ERROR",
  1011: "PEER_UNAVAILABLE",
  1012: "PEER_UNAVAILABLE",
  1013: "PEER_BUSY",
  1014: "PEER_UNAVAILABLE",
  3000: "AUTH_FAILED",
  3003: "AUTH_FAILED",
};

/** A WebSocket close as an error. */
export function closeError(peer: string, code: number, reason: string): DownloadError {
  const why = reason === "" ? "" : `: ${excerpt(reason)}`;
  return new DownloadError(meanings[code] ?? "CONNECTION_LOST", `${peer} closed the connection (${code})${why}`, {
    peer,
  });
}
