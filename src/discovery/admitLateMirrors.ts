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
import { isComparable } from "./isComparable.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import type { MirrorAnswers } from "./MirrorAnswers.js";
import { nobodyToCompare, nobodyToCompareNow, notComparable, otherBytes, otherSize } from "./refusals.js";
import type { SurveyConfig } from "./surveyMirrors.js";

/** The mirrors of a survey, by what became of them. */
export interface Surveyed {
  readonly answered: readonly AnsweredMirror[];
  /** Bytes of the file. */
  readonly size: number;
  /** Mirrors that have joined already. */
  readonly members: ReadonlySet<Mirror>;
  readonly refused: ReadonlySet<Mirror>;
  /** Mirrors that failed in passing, and how. */
  readonly postponed: ReadonlyMap<Mirror, DownloadError>;
}

export interface AdmissionConfig extends Pick<SurveyConfig, "refuse" | "postpone"> {
  /** Told of each mirror that turned out to have the file. */
  readonly admit: (answered: AnsweredMirror) => void;
}

/**
 * The mirrors that a survey found, and those that come later and turn out to have the same file; the others are refused. One that fails in
 * passing is asked again after the time for which a peer is blacklisted; one that is busy when it wishes, and no sooner than `busyWaitMs` says. Emits
 * the mirrors again that have the file each time that there is one more.
 */
export function admitLateMirrors(
  mirrors: Observable<readonly Mirror[]>,
  answers: MirrorAnswers,
  { answered, size, members, refused, postponed }: Surveyed,
  { refuse, postpone, admit }: AdmissionConfig,
  discovery: Discovery,
): Observable<ReadonlySet<Mirror>> {
  const { clock, retry: patience } = discovery;
  const founders = answered.map(({ mirror }) => mirror);
  const compared = comparison(founders, size, answers);

  const admitted = (mirror: Mirror): Observable<Mirror> => {
    let failure = postponed.get(mirror);
    let busyAnswers = 0;
    const restMs = (error: DownloadError): number => {
      busyAnswers = isBusy(error) ? busyAnswers + 1 : 0;
      return busyAnswers > 0 ? busyWaitMs(busyAnswers, error) : patience.peerBlacklistDurationSecs * 1000;
    };
    const asked = defer(() => {
      if (failure !== undefined) answers.forget(mirror);
      return compared(mirror);
    });
    const turn = defer(() =>
      failure === undefined ? asked : timer(restMs(failure), clock).pipe(concatMap(() => asked)),
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
      tap((found) => {
        admit(found);
        discovery.emit({ type: "mirror-compared", peer: mirror.id });
      }),
      map(() => mirror),
      catchError((error: unknown) => {
        refuse(mirror, toDownloadError(error));
        return EMPTY;
      }),
      takeUntil(mirrors.pipe(filter((present) => !present.includes(mirror)))),
    );
  };

  const first = new Set([...founders, ...members]);
  const seen = new Set<Mirror>([...first, ...refused]);
  return mirrors.pipe(
    mergeMap((present) => from(present.filter((mirror) => !seen.has(mirror)))),
    tap((mirror) => seen.add(mirror)),
    mergeMap(admitted),
    scan((known, mirror) => new Set(known).add(mirror), first),
    startWith(first),
  );
}

/** Compares a mirror with those that were there first; emits its answer when it has the same file. */
function comparison(
  founders: readonly Mirror[],
  size: number,
  answers: MirrorAnswers,
): (mirror: Mirror) => Observable<AnsweredMirror> {
  const ours = (id: string): Observable<string> =>
    defer(() => {
      const able = founders.filter(({ ranges }) => isComparable({ ranges, size }));
      const prints = able.map((founder) => printAgain(founder, size, answers));
      const [first, ...others] = prints;
      if (first === undefined) throw nobodyToCompare(id);
      const any = others.reduce((before, print) => before.pipe(catchError(() => print)), first);
      return any.pipe(catchError((error: unknown) => throwError(() => nobodyToCompareNow(id, error))));
    });

  return (mirror) =>
    answers.answerOf(mirror).pipe(
      concatMap((answer) => {
        const { said } = answer;
        if (said.size !== undefined && said.size !== size) throw otherSize(mirror.id, said.size, size);
        if (!isComparable(said)) throw notComparable(mirror.id);
        return combineLatest([ours(mirror.id), answers.printOf(mirror, size)]).pipe(
          map(([ours, theirs]) => {
            if (ours !== theirs) throw otherBytes(mirror.id);
            return answer;
          }),
        );
      }),
    );
}

/** The founder's print; a mirror that failed is asked anew for the next one who wants to be compared. */
function printAgain(founder: Mirror, size: number, answers: MirrorAnswers): Observable<string> {
  return answers.printOf(founder, size).pipe(tap({ error: () => answers.forget(founder) }));
}
