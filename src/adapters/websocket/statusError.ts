import { askAgainIn } from "../../errors/askAgainIn.js";
import { codeOfStatus } from "../../errors/codeOfStatus.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { retryAfterMs } from "../../protocol/retryAfterMs.js";

export interface Refusal {
  readonly status: number;
  /** The Retry-After header, if there was one. Only seconds are read, not dates: a peer's clock is not ours. */
  readonly retryAfter: string | undefined;
}

/** An HTTP answer in place of the WebSocket handshake as an error. */
export function statusError(peer: string, { status, retryAfter }: Refusal, maxRetryAfterMs: number): DownloadError {
  const waitMs = retryAfterMs(retryAfter, maxRetryAfterMs);
  const text = `${peer} refused the WebSocket handshake with HTTP ${status}${askAgainIn(waitMs)}`;
  return new DownloadError(codeOfStatus(status), text, {
    peer,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}
