import { askAgainIn } from "../../errors/askAgainIn.js";
import { codeOfStatus } from "../../errors/codeOfStatus.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { httpDateMs, retryAfterMs } from "../../protocol/retryAfterMs.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { ResolvedHttpOptions } from "./HttpPeerOptions.js";

/** An answer that is not the one hoped for, as an error. A date is read by the server's own clock where it tells the time. */
export function refusal(
  peer: string,
  { status, headers }: HttpAnswer,
  { maxRetryAfterMs, now }: Pick<ResolvedHttpOptions, "maxRetryAfterMs" | "now">,
): DownloadError {
  const sentAtMs = httpDateMs(headers["date"]) ?? now();
  const waitMs = retryAfterMs(headers["retry-after"], maxRetryAfterMs, sentAtMs);
  const isSeeder = status === 426 && headers["upgrade"]?.toLowerCase() === "websocket";
  const hint = isSeeder ? "; if it is a seeder, its link begins with ws:// or wss://" : "";
  return new DownloadError(codeOfStatus(status), `${peer} answered with HTTP ${status}${hint}${askAgainIn(waitMs)}`, {
    peer,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}
