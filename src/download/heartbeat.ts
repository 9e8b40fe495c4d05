import type { Observable, SchedulerLike } from "rxjs";
import { map, timer } from "rxjs";
import type { Ledger } from "./Ledger.js";
import type { UntimedEvent } from "./DownloadEvent.js";

const everyMs = 250;
/** Weight of the newest quarter second in the speed that is shown. */
const newest = 0.2;
/** After so many quarters without a byte nobody can tell how long it will take. */
const silentBeats = 8;

/** Four times a second, how far it is and how fast it goes. */
export function heartbeat(
  ledger: Ledger,
  size: number,
  scheduler: SchedulerLike,
): Observable<Extract<UntimedEvent, { type: "progress" }>> {
  let before = ledger.receivedBytes;
  let speed: number | undefined;
  let silent = 0;
  return timer(everyMs, everyMs, scheduler).pipe(
    map(() => {
      const { done, verified, receivedBytes: received, retryCount: retries } = ledger;
      const sample = ((received - before) * 1000) / everyMs;
      before = received;
      silent = sample > 0 ? 0 : silent + 1;
      speed = speed === undefined ? sample : speed + newest * (sample - speed);
      const bytesPerSecond = Math.round(speed);
      const left =
        bytesPerSecond > 0 && silent < silentBeats ? { secondsLeft: Math.ceil((size - done) / bytesPerSecond) } : {};
      return { type: "progress", done, verified, received, size, bytesPerSecond, ...left, retries } as const;
    }),
  );
}
