import { concat, defer, map, type Observable, of, type SchedulerLike, takeUntil, timer } from "rxjs";
import type { PeerPool } from "../peers/PeerPool.js";
import type { Ledger } from "./Ledger.js";
import type { UntimedEvent } from "./DownloadEvent.js";
import { PeerSpeeds, silentBeats, smoothed } from "./PeerSpeeds.js";

const everyMs = 250;

type Beat = Extract<UntimedEvent, { type: "progress" }>;

/** Four times a second, how far it is and how fast it goes; and once more when all is here, so that the last beat tells of the whole. */
export function heartbeat(
  ledger: Ledger,
  pool: Pick<PeerPool, "underWay">,
  size: number,
  { scheduler, whole }: { readonly scheduler: SchedulerLike; readonly whole: Observable<unknown> },
): Observable<Beat> {
  return defer(() => {
    const startedAt = scheduler.now();
    const atStart = ledger.receivedBytes;
    let before = atStart;
    let speed: number | undefined;
    let silent = 0;
    let ofPeers: NonNullable<Beat["bytesPerSecondByPeer"]> = {};
    const peers = new PeerSpeeds(everyMs);

    const measure = (): void => {
      const { receivedBytes: received, bytesByPeer } = ledger;
      const sample = ((received - before) * 1000) / everyMs;
      before = received;
      silent = sample > 0 ? 0 : silent + 1;
      speed = smoothed(speed, sample);
      ofPeers = peers.beat(bytesByPeer);
    };
    const beat = (): Beat => {
      const { done, verified, receivedBytes: received, retryCount: retries } = ledger;
      const overall = (): number => ((received - atStart) * 1000) / Math.max(1, scheduler.now() - startedAt);
      const bytesPerSecond = Math.round(speed ?? overall());
      const left =
        bytesPerSecond > 0 && silent < silentBeats ? { secondsLeft: Math.ceil((size - done) / bytesPerSecond) } : {};
      const figures = { done, verified, received, size, bytesPerSecond, ...left, retries };
      const more = { bytesPerSecondByPeer: ofPeers, underWayByPeer: pool.underWay, accountSoFar: ledger.soFar };
      return { type: "progress", ...figures, ...more };
    };
    const beats = timer(everyMs, everyMs, scheduler).pipe(
      takeUntil(whole),
      map(() => {
        measure();
        return beat();
      }),
    );
    return concat(
      beats,
      defer(() => of(beat())),
    );
  });
}
