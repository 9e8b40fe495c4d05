import { defer, ignoreElements, type Observable, tap, timer } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { UntimedEvent } from "./DownloadEvent.js";
import type { DownloadRun } from "./DownloadRun.js";
import { plural } from "./plural.js";

const lookEveryMs = 1000;
/** A wait that is over sooner is not worth a word: a peer that is begun anew is back. */
const tellAfterMs = 5000;
const tellEveryMs = 30_000;
/** A wait that is on is looked into so often: where nobody has anything, all peers are asked for all chunks. */
const lookIntoEveryMs = 5000;

/**
 * Wait for somebody who has what is lacking, when none of those who are reached has any of it: nobody is reached at all, or only peers that have other chunks.
 * As long as others may come, or peers are there that may get it: for `peerWaitSecs` from its beginning, which is another one after each byte, or, where nobody
 * else may come, from the last news of a peer that lacks chunks. It is told after five seconds, and again every half a minute.
 *
 *     reached    [A]     []                    A has gone
 *     wait                w----told---told---#
 *
 * Errors with `RETRIES_EXHAUSTED` at its end. `isNeeded` says whether anything is wanted of peers.
 */
export function waitForHolders(run: DownloadRun, isNeeded: () => boolean): Observable<never> {
  const { pool, progress, ledger, clock, config } = run;
  const waitMs = config.retry.peerWaitSecs * 1000;
  return defer(() => {
    let begunAt: number | undefined;
    let gainAt = ledger.lastGainAt;
    let toldAt = -Infinity;
    let found: Found | undefined;
    const lookInto = (now: number): Found | undefined => {
      if (!isNeeded() || now - gainAt < lookEveryMs) return undefined;
      // Those that were given up have had their chance, and wait for these: whoever failed to bring them holds nothing up.
      const lacking = [...progress.missing(new Set(ledger.failedChunks))];
      const wait = pool.holdersAwaited(lacking, run.waitsForOthers);
      if (wait === undefined) return undefined;
      begunAt ??= Math.max(gainAt, now - lookEveryMs);
      return { ...wait, at: now, chunks: lacking.length, untilMs: Math.max(wait.newsAt, begunAt) + waitMs };
    };
    const look = (): void => {
      const now = clock.now();
      // A peer whose connection is made anew may have anything for a moment: only bytes make it another wait.
      if (ledger.lastGainAt > gainAt) begunAt = found = undefined;
      gainAt = ledger.lastGainAt;
      if (found === undefined || now >= Math.min(found.untilMs, found.at + lookIntoEveryMs)) found = lookInto(now);
      if (found === undefined || begunAt === undefined) return;
      const { untilMs, chunks, isAnybodyThere } = found;
      if (now >= untilMs) throw nobodyCame(run, chunks, isAnybodyThere);
      if (now < begunAt + tellAfterMs || now < toldAt + tellEveryMs) return;
      toldAt = now;
      run.emit(isAnybodyThere ? awaited(chunks, untilMs) : { type: "waiting", reason: "no-peers", untilMs });
    };
    return timer(lookEveryMs, lookEveryMs, clock).pipe(tap(look), ignoreElements());
  });
}

/** A wait as it was looked into at a time, for so many chunks. */
interface Found {
  readonly at: number;
  readonly chunks: number;
  readonly untilMs: number;
  readonly isAnybodyThere: boolean;
}

function awaited(chunks: number, untilMs: number): UntimedEvent {
  return { type: "waiting", reason: "lacking", chunks, untilMs };
}

function nobodyCame({ pool, config }: DownloadRun, chunks: number, isAnybodyThere: boolean): DownloadError {
  const cause = pool.lastFailure;
  const what = isAnybodyThere
    ? `nobody came within ${config.retry.peerWaitSecs} s who has any of the ${plural(chunks, "chunk")} that ${chunks === 1 ? "is" : "are"} lacking`
    : `no connection to any peer held for ${config.retry.peerWaitSecs} s`;
  const text = cause === undefined ? what : `${what}: ${cause.message}`;
  return new DownloadError("RETRIES_EXHAUSTED", text, { cause });
}
