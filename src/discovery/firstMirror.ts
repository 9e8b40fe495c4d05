import { catchError, concatMap, EMPTY, filter, from, map, mergeMap, type Observable, take } from "rxjs";
import { isInPlaceOfFile } from "./checkOneFile.js";
import type { AnsweredMirror, Mirror } from "./Mirror.js";
import type { MirrorAnswers } from "./MirrorAnswers.js";

/** A mirror that others can be compared with while its bytes flow. */
export interface Founder {
  readonly answer: AnsweredMirror;
  /** Bytes of its file. */
  readonly size: number;
  readonly print: string;
}

/**
 * The first of several mirrors that answers as a file should: tells its size, starts in the middle, is no page, and shows the bytes by which others are
 * compared with it: the download may take all of its connections then. Emits once, or nothing where none does.
 */
export function firstMirror(
  mirrors: Observable<readonly Mirror[]>,
  answers: MirrorAnswers,
  mayBegin: (answer: AnsweredMirror) => boolean,
): Observable<Founder> {
  const seen = new Set<Mirror>();
  return mirrors.pipe(
    mergeMap((all) => from(all.filter((mirror) => !seen.has(mirror)))),
    mergeMap((mirror) => {
      seen.add(mirror);
      return answers.answerOf(mirror).pipe(
        filter((answer) => answer.said.ranges && !isInPlaceOfFile(answer) && mayBegin(answer)),
        concatMap((answer) => {
          const { size } = answer.said;
          if (size === undefined) return EMPTY;
          return answers.printOf(mirror, size).pipe(map((print) => ({ answer, size, print })));
        }),
        // The survey hears of it.
        catchError(() => EMPTY),
      );
    }),
    take(1),
  );
}
