import type { Observable, SchedulerLike } from "rxjs";
import { map, timer } from "rxjs";
import type { PeerPool } from "../peers/PeerPool.js";
import type { Ledger } from "./Ledger.js";
import type { UntimedEvent } from "./DownloadEvent.js";
import { PeerSpeeds, silentBeats, smoothed } from "./PeerSpeeds.js";

const everyMs = 250;

/** Four times a second, how far it is and how fast it goes. */
export function heartbeat(
  ledger: Ledger,
  pool: Pick<PeerPool, "underWay">,
  size: number,
  scheduler: SchedulerLike,
): Observable<Extract<UntimedEvent, { type: "progress" }>> {
  let before = ledger.receivedBytes;
  let speed: number | undefined;
  let silent = 0;
  const peers = new PeerSpeeds(everyMs);
  return timer(everyMs, everyMs, scheduler).pipe(
    map(() => {
      const { done, verified, receivedBytes: received, retryCount: retries } = ledger;
      const sample = ((received - before) * 1000) / everyMs;
      before = received;
      silent = sample > 0 ? 0 : silent + 1;
      speed = smoothed(speed, sample);
      const bytesPerSecond = Math.round(speed);
      const left =
        bytesPerSecond > 0 && silent < silentBeats ? { secondsLeft: Math.ceil((size - done) / bytesPerSecond) } : {};
      const figures = { done, verified, received, size, bytesPerSecond, ...left, retries };
      const bytesPerSecondByPeer = peers.beat(ledger.bytesByPeer);
      const more = { bytesPerSecondByPeer, underWayByPeer: pool.underWay, accountSoFar: ledger.soFar };
      return { type: "progress", ...figures, ...more } as const;
    }),
  );
}
