import { catchError, concatMap, EMPTY, map, merge, type Observable, of, throwError, toArray } from "rxjs";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { HeldBytes, StillHas } from "../../download/StillHas.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Asking } from "./askMirror.js";
import { printOf, sampled } from "./sampled.js";
import { sampledHead } from "./sampledHead.js";
import { sampleAt } from "./sampleRanges.js";

/** Of many mirrors those are asked that brought most. */
const mostAsked = 3;

/** Asks the mirrors that brought a file whether they still have what came first of it. One that sends only whole files is asked for the start. */
export function stillHas(mirrors: readonly HttpPeer[], asking: Asking): StillHas {
  return (places, { brought, isResumed }) => {
    const asked = mirrors
      .filter(({ id }) => brought[id] !== undefined)
      .toSorted((a, b) => (brought[b.id] ?? 0) - (brought[a.id] ?? 0))
      .slice(0, mostAsked);
    const [first] = asked.length > 0 ? [] : mirrors;
    const all = first === undefined ? asked : [first];
    // One stream of the whole was joined from nothing.
    const isOneAnswer =
      all.length === 1 && !isResumed && all.every(({ ranges, answersRead }) => !ranges && answersRead <= 1);
    return isOneAnswer ? EMPTY : joined(all.map((mirror) => hasThem(mirror, places, asking)));
  };
}

function hasThem(mirror: HttpPeer, places: readonly HeldBytes[], asking: Asking): Observable<boolean> {
  const comparable = mirror.ranges ? places : places.filter(({ position }) => position === 0);
  if (comparable.length === 0) return EMPTY;
  const ranges = comparable.map(({ position, bytes }) => sampleAt(position, bytes.length));
  const theirs = mirror.ranges ? sampled(mirror, ranges, asking) : sampledHead(mirror, ranges, asking);
  const ours = printOf(comparable.map(({ bytes }) => bytes));
  return theirs === undefined ? EMPTY : theirs.pipe(map((print) => print === ours));
}

/** Who differs decides; who does not answer counts only where nobody does. */
function joined(answers: readonly Observable<boolean>[]): Observable<boolean> {
  const settled = answers.map((answer) =>
    answer.pipe(
      map((same) => ({ same })),
      catchError((thrown: unknown) => {
        const error = toDownloadError(thrown);
        return of(error.code === "RESOURCE_CHANGED" ? { same: false } : { error });
      }),
    ),
  );
  return merge(...settled).pipe(
    toArray(),
    concatMap((results) => {
      const said = results.flatMap((result) => ("same" in result ? [result.same] : []));
      if (said.length > 0) return of(said.every(Boolean));
      const [failure] = results.flatMap((result) => ("error" in result ? [result.error] : []));
      return failure === undefined ? EMPTY : throwError(() => failure);
    }),
  );
}
