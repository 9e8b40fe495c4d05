import { catchError, concatMap, EMPTY, map, merge, type Observable, of, throwError, toArray } from "rxjs";
import type { HeldBytes, StillHas } from "../download/StillHas.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Discovery } from "./Discovery.js";
import type { Mirror } from "./Mirror.js";
import { printOf, sampleAt, sampled, sampledHead } from "./samples.js";

/** Of many mirrors those are asked that brought most. */
const mostAsked = 3;

/** Asks the mirrors that brought a file whether they still have what came first of it. One that sends only whole files is asked for the start. */
export function stillHas(mirrors: readonly Mirror[], discovery: Discovery): StillHas {
  return (places, { brought, isResumed }) => {
    const asked = mirrors
      .filter(({ id }) => brought[id] !== undefined)
      .toSorted((a, b) => (brought[b.id] ?? 0) - (brought[a.id] ?? 0))
      .slice(0, mostAsked);
    const [first] = asked.length > 0 ? [] : mirrors;
    const all = first === undefined ? asked : [first];
    // One answer was joined from nothing.
    const isOneAnswer = all.length === 1 && !isResumed && all.every(({ answersRead }) => answersRead <= 1);
    return isOneAnswer ? EMPTY : joined(all.map((mirror) => hasThem(mirror, places, discovery)));
  };
}

function hasThem(mirror: Mirror, places: readonly HeldBytes[], discovery: Discovery): Observable<boolean> {
  const comparable = mirror.ranges ? places : places.filter(({ position }) => position === 0);
  if (comparable.length === 0) return EMPTY;
  const ranges = comparable.map(({ position, bytes }) => sampleAt(position, bytes.length));
  const theirs = mirror.ranges ? sampled(mirror, ranges, discovery) : sampledHead(mirror, ranges, discovery);
  const ours = printOf(comparable.map(({ bytes }) => bytes));
  return theirs === undefined ? EMPTY : theirs.pipe(map((print) => print === ours));
}

/** A mirror that differs decides; one that does not answer counts only where nobody does. */
function joined(answers: readonly Observable<boolean>[]): Observable<boolean> {
  const heard = answers.map((answer) =>
    answer.pipe(
      map((same) => ({ same })),
      catchError((thrown: unknown) => {
        const error = toDownloadError(thrown);
        return of(error.code === "RESOURCE_CHANGED" ? { same: false } : { error });
      }),
    ),
  );
  return merge(...heard).pipe(
    toArray(),
    concatMap((results) => {
      const said = results.flatMap((result) => ("same" in result ? [result.same] : []));
      if (said.length > 0) return of(said.every(Boolean));
      const [failure] = results.flatMap((result) => ("error" in result ? [result.error] : []));
      return failure === undefined ? EMPTY : throwError(() => failure);
    }),
  );
}
