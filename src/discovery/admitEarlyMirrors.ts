import { catchError, EMPTY, from, map, mergeMap, type Observable, of, scan, startWith, tap } from "rxjs";
import type { AdmissionConfig } from "./admitLateMirrors.js";
import type { Founder } from "./firstMirror.js";
import type { Mirror } from "./Mirror.js";
import type { MirrorAnswers } from "./MirrorAnswers.js";

/**
 * The first mirror, and those that turn out to have the same file, before anything is decided: whoever differs is not refused yet. Emits the mirrors
 * again that have the file each time that there is one more.
 */
export function admitEarlyMirrors(
  mirrors: Observable<readonly Mirror[]>,
  answers: MirrorAnswers,
  { answer: { mirror: first }, size, print }: Founder,
  { admit }: Pick<AdmissionConfig, "admit">,
): Observable<ReadonlySet<Mirror>> {
  const sameAs = (mirror: Mirror): Observable<Mirror> =>
    answers.answerOf(mirror).pipe(
      mergeMap((answer) => {
        if (!answer.said.ranges || answer.said.size !== size) return EMPTY;
        return answers.printOf(mirror, size).pipe(mergeMap((theirs) => (theirs === print ? of(answer) : EMPTY)));
      }),
      tap(admit),
      map(() => mirror),
      catchError(() => EMPTY), // the survey hears of it
    );
  const seen = new Set([first]);
  return mirrors.pipe(
    mergeMap((all) => from(all.filter((mirror) => !seen.has(mirror)))),
    tap((mirror) => seen.add(mirror)),
    mergeMap(sameAs),
    scan((known, mirror) => new Set(known).add(mirror), new Set([first])),
    startWith(new Set([first])),
  );
}
