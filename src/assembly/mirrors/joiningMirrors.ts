import type { Observable } from "rxjs";
import {
  catchError,
  combineLatest,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  map,
  mergeMap,
  of,
  retry,
  scan,
  startWith,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import { busyWaitMs } from "../../errors/busyWaitMs.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { isBusy } from "../../errors/isBusy.js";
import { isTransientError } from "../../errors/isTransientError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { nobodyToCompare, nobodyToCompareNow, notComparable, otherBytes } from "./refusals.js";
import { sampled } from "./sampled.js";
import { sampledByAny } from "./sampledByAny.js";
import { sampleRanges } from "./sampleRanges.js";
import { type Mirror, probed, type SurveyConfig } from "./surveyMirrors.js";

/** What a survey made of the mirrors that were there. */
export interface Surveyed {
  readonly mirrors: readonly Mirror[];
  /** Bytes of the file. */
  readonly size: number;
  readonly refused: ReadonlySet<HttpPeer>;
  /** Those that failed in passing, and how. */
  readonly postponed: ReadonlyMap<HttpPeer, DownloadError>;
}

/**
 * The mirrors that a survey found, and those that come later and turn out to have the same file; the others are refused. One that fails in
 * passing is asked again after the time for which a peer is blacklisted; one that is busy when it wishes, and no sooner than `busyWaitMs` says. Emits the whole list again when it changes.
 */
export function joiningMirrors(
  peers: Observable<readonly HttpPeer[]>,
  { mirrors, size, refused, postponed }: Surveyed,
  { refuse, postpone, ...asking }: Omit<SurveyConfig, "size">,
): Observable<readonly HttpPeer[]> {
  const founders = mirrors.map(({ peer }) => peer);
  const ranges = sampleRanges(size);
  let print: string | undefined;

  /** What the file has at a few places; asked for once. */
  const ours = (peer: HttpPeer): Observable<string> =>
    defer(() => {
      if (print !== undefined) return of(print);
      const ranged = founders.filter((founder) => founder.ranges);
      const known = sampledByAny(ranged, ranges, asking);
      if (known === undefined) throw nobodyToCompare(peer.id);
      return known.pipe(
        catchError((error: unknown) => throwError(() => nobodyToCompareNow(peer.id, error))),
        tap((text) => (print = text)),
      );
    });

  const compared = (peer: HttpPeer): Observable<HttpPeer> => {
    peer.expect({ size });
    return probed(peer, asking).pipe(
      concatMap(({ said }) => {
        if (!said.ranges) throw notComparable(peer.id);
        return combineLatest([ours(peer), sampled(peer, ranges, asking)]).pipe(
          map(([ours, theirs]) => {
            if (ours !== theirs) throw otherBytes(peer.id);
            peer.expect(said);
            return peer;
          }),
        );
      }),
    );
  };

  const joined = (peer: HttpPeer): Observable<HttpPeer> => {
    let failure = postponed.get(peer);
    let busyAnswers = 0;
    const restMs = (error: DownloadError): number => {
      busyAnswers = isBusy(error) ? busyAnswers + 1 : 0;
      return busyAnswers > 0 ? busyWaitMs(busyAnswers, error) : asking.retry.peerBlacklistDurationSecs * 1000;
    };
    const turn = defer(() =>
      failure === undefined ? compared(peer) : timer(restMs(failure)).pipe(concatMap(() => compared(peer))),
    );
    return turn.pipe(
      retry({
        delay: (thrown) => {
          failure = toDownloadError(thrown);
          if (!isTransientError(failure)) throw failure;
          postpone(peer, failure);
          return of(true);
        },
      }),
      catchError((error: unknown) => {
        refuse(peer, toDownloadError(error));
        return EMPTY;
      }),
      takeUntil(peers.pipe(filter((present) => !present.includes(peer)))),
    );
  };

  const seen = new Set<HttpPeer>([...founders, ...refused]);
  const all = peers.pipe(
    mergeMap((present) => from(present.filter((peer) => !seen.has(peer)))),
    tap((peer) => seen.add(peer)),
    mergeMap(joined),
    scan((known, peer) => new Set(known).add(peer), new Set(founders)),
    startWith(new Set(founders)),
  );
  return combineLatest([peers, all]).pipe(map(([present, known]) => present.filter((peer) => known.has(peer))));
}
