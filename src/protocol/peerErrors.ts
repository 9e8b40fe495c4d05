import { askAgainIn } from "../errors/askAgainIn.js";
import { DownloadError } from "../errors/DownloadError.js";
import { excerpt } from "../errors/excerpt.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { PeerErrorMessage } from "./messages.js";

/** Codes that a peer may use of itself and of what was asked; none speaks for our disk, our manifest or the download. */
const speakable: ReadonlySet<string> = new Set<DownloadErrorCode>([
  "PEER_UNAVAILABLE",
  "PEER_BUSY",
  "RATE_LIMITED",
  "FILE_NOT_FOUND",
  "CHUNK_NOT_AVAILABLE",
  "INVALID_CHUNK",
  "PROTOCOL_ERROR",
  "PEER_REJECTED",
  "AUTH_FAILED",
  "RESOURCE_CHANGED",
]);

function isSpeakable(code: string): code is DownloadErrorCode {
  return speakable.has(code);
}

/** An error as a message to the client. An error that is not a peer's to tell goes out as `PEER_UNAVAILABLE`, without its details. */
export function toErrorMessage(thrown: unknown, id?: number): PeerErrorMessage {
  const sayable = thrown instanceof DownloadError && isSpeakable(thrown.code) ? thrown : undefined;
  return {
    type: "error",
    ...(id === undefined ? {} : { id }),
    code: sayable?.code ?? "PEER_UNAVAILABLE",
    message: sayable === undefined ? "the file cannot be read now" : sayable.message.slice(0, 1024),
    ...(sayable?.retryAfterMs === undefined ? {} : { retryAfterMs: sayable.retryAfterMs }),
  };
}

/**
 * A peer's error as one of ours. A code that peers cannot claim (such as `LOCAL_IO`, which would end the whole download)
 * or that nobody knows becomes `UNKNOWN`. `retryAfterMs` is clamped.
 */
export function fromErrorMessage(message: PeerErrorMessage, peer: string, maxRetryAfterMs: number): DownloadError {
  const retryAfterMs = message.retryAfterMs === undefined ? undefined : Math.min(message.retryAfterMs, maxRetryAfterMs);
  const text = `${peer} answered ${excerpt(message.code, 64)}: ${excerpt(message.message)}${askAgainIn(retryAfterMs)}`;
  return new DownloadError(isSpeakable(message.code) ? message.code : "UNKNOWN", text, {
    peer,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
