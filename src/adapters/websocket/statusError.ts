import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";

const meanings: Readonly<Record<number, DownloadErrorCode>> = {
  401: "AUTH_FAILED",
  403: "AUTH_FAILED",
  404: "FILE_NOT_FOUND",
  408: "PEER_BUSY",
  429: "RATE_LIMITED",
  503: "PEER_BUSY",
};

export interface Refusal {
  readonly status: number;
  /** The Retry-After header, if there was one. Only seconds are read, not dates: a peer's clock is not ours. */
  readonly retryAfter: string | undefined;
}

/** An HTTP answer in place of the WebSocket handshake as an error. */
export function statusError(peer: string, { status, retryAfter }: Refusal, maxRetryAfterMs: number): DownloadError {
  const code = meanings[status] ?? (status >= 500 ? "PEER_UNAVAILABLE" : "PEER_REJECTED");
  const waitMs = /^\d{1,9}$/.test(retryAfter ?? "") ? Math.min(Number(retryAfter) * 1000, maxRetryAfterMs) : undefined;
  return new DownloadError(code, `${peer} refused the WebSocket handshake with HTTP ${status}`, {
    peer,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}
