import { Observable } from "rxjs";
import type { AttemptFn } from "../../operators/attempt.js";
import type { Peer } from "../peers/Peer.js";
import { type LegParts, LegRun } from "./LegRun.js";

/**
 * One leg: asks one peer for what the chunk lacks. Emits once, when it has begun, and completes when everything came. Errors with a
 * `DownloadError`; unsubscribing cancels the request.
 */
export function askPeer(parts: LegParts): AttemptFn<Peer, void> {
  return (peer, context) =>
    new Observable((subscriber) => {
      new LegRun(peer, context, parts, subscriber).start();
    });
}
