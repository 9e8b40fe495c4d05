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
import { busyWaitMs } from "../errors/busyWaitMs.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { isBusy } from "../errors/isBusy.js";
import { isTransientError } from "../errors/isTransientError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Discovery } from "./Discovery.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import { nobodyToCompare, nobodyToCompareNow, notComparable, otherBytes } from "./refusals.js";
import { sampled, sampledByAny, sampleRanges } from "./samples.js";
import { probed, type SurveyConfig } from "./surveyMirrors.js";

/** The mirrors of a survey, by what became of them. */
export interface Surveyed {
  readonly answered: readonly AnsweredMirror[];
  /** Bytes of the file. */
  readonly size: number;
  readonly refused: ReadonlySet<Mirror>;
  /** Mirrors that failed in passing, and how. */
  readonly postponed: ReadonlyMap<Mirror, DownloadError>;
}

/**
 * The mirrors that a survey found, and those that come later and turn out to have the same file; the others are refused. One that fails in
 * passing is asked again after the time for which a peer is blacklisted; one that is busy when `busyWaitMs` says. Emits the whole list again when it changes.
 */
export function admitLateMirrors(
  mirrors: Observable<readonly Mirror[]>,
  { answered, size, refused, postponed }: Surveyed,
  { refuse, postpone }: Pick<SurveyConfig, "refuse" | "postpone">,
  discovery: Discovery,
): Observable<readonly Mirror[]> {
  const { clock, retry: patience } = discovery;
  const founders = answered.map(({ mirror }) => mirror);
  const compared = comparison(founders, size, discovery);

  const admitted = (mirror: Mirror): Observable<Mirror> => {
    let failure = postponed.get(mirror);
    let busyAnswers = 0;
    const restMs = (error: DownloadError): number => {
      busyAnswers = isBusy(error) ? busyAnswers + 1 : 0;
      return busyAnswers > 0 ? busyWaitMs(busyAnswers, error) : patience.peerBlacklistDurationSecs * 1000;
    };
    const turn = defer(() =>
      failure === undefined ? compared(mirror) : timer(restMs(failure), clock).pipe(concatMap(() => compared(mirror))),
    );
    return turn.pipe(
      retry({
        delay: (thrown) => {
          failure = toDownloadError(thrown);
          if (!isTransientError(failure)) throw failure;
          postpone(mirror, failure);
          return of(true);
        },
      }),
      catchError((error: unknown) => {
        refuse(mirror, toDownloadError(error));
        return EMPTY;
      }),
      takeUntil(mirrors.pipe(filter((present) => !present.includes(mirror)))),
    );
  };

  const seen = new Set<Mirror>([...founders, ...refused]);
  const all = mirrors.pipe(
    mergeMap((present) => from(present.filter((mirror) => !seen.has(mirror)))),
    tap((mirror) => seen.add(mirror)),
    mergeMap(admitted),
    scan((known, mirror) => new Set(known).add(mirror), new Set(founders)),
    startWith(new Set(founders)),
  );
  return combineLatest([mirrors, all]).pipe(map(([present, known]) => present.filter((mirror) => known.has(mirror))));
}

/** Compares a mirror with those that were there first, whose samples are asked for once; emits it when it has the same file. */
function comparison(
  founders: readonly Mirror[],
  size: number,
  discovery: Discovery,
): (mirror: Mirror) => Observable<Mirror> {
  const ranges = sampleRanges(size);
  let known: string | undefined;

  const ours = (id: string): Observable<string> =>
    defer(() => {
      if (known !== undefined) return of(known);
      const ranged = founders.filter((founder) => founder.ranges);
      const asked = sampledByAny(ranged, ranges, discovery);
      if (asked === undefined) throw nobodyToCompare(id);
      return asked.pipe(
        catchError((error: unknown) => throwError(() => nobodyToCompareNow(id, error))),
        tap((text) => (known = text)),
      );
    });

  return (mirror) => {
    mirror.expect({ size });
    return probed(mirror, discovery).pipe(
      concatMap(({ said }) => {
        if (!said.ranges) throw notComparable(mirror.id);
        return combineLatest([ours(mirror.id), sampled(mirror, ranges, discovery)]).pipe(
          map(([ours, theirs]) => {
            if (ours !== theirs) throw otherBytes(mirror.id);
            mirror.expect(said);
            discovery.emit({ type: "mirror-compared", peer: mirror.id });
            return mirror;
          }),
        );
      }),
    );
  };
}
