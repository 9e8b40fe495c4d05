import { catchError, concatMap, defer, EMPTY, map, type Observable, of, Subject, throwError } from "rxjs";
import type { HeldBytes, StillHas } from "../download/StillHas.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { AskMirrorConfig } from "./askMirror.js";
import type { Discovery } from "./Discovery.js";
import type { Mirror } from "./Mirror.js";
import { quorum } from "./quorum.js";
import { printOf, sampleAt, sampled, sampledHead } from "./samples.js";

/** Mirrors that are asked at most: of many, those that brought most. */
const mostAsked = 3;
/** Mirrors that answer so much later than the first one are not waited for, ms: a connection that was left may be dead. */
const graceMs = 1500;

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
    return isOneAnswer ? EMPTY : joined(all, places, discovery);
  };
}

function hasThem(
  mirror: Mirror,
  places: readonly HeldBytes[],
  discovery: Discovery,
  asking: AskMirrorConfig,
): Observable<boolean> {
  const comparable = mirror.ranges ? places : places.filter(({ position }) => position === 0);
  if (comparable.length === 0) return EMPTY;
  const ranges = comparable.map(({ position, bytes }) => sampleAt(position, bytes.length));
  const theirs = mirror.ranges
    ? sampled(mirror, ranges, discovery, asking)
    : sampledHead(mirror, ranges, discovery, asking);
  const ours = printOf(comparable.map(({ bytes }) => bytes));
  return theirs === undefined ? EMPTY : theirs.pipe(map((print) => print === ours));
}

/** A mirror that differs decides; one that has failed once, or is so much later than another, counts only where nobody answers. */
function joined(mirrors: readonly Mirror[], places: readonly HeldBytes[], discovery: Discovery): Observable<boolean> {
  return defer(() => {
    const failing = new Subject<Mirror>();
    const ask = (mirror: Mirror): Observable<boolean> =>
      hasThem(mirror, places, discovery, { onAgain: () => failing.next(mirror) }).pipe(
        catchError((thrown: unknown) => {
          const error = toDownloadError(thrown);
          return error.code === "RESOURCE_CHANGED" ? of(false) : throwError(() => error);
        }),
      );
    const patience = { graceMs, longestMs: graceMs, failing, hurry: of(undefined), scheduler: discovery.clock };
    return quorum(of(mirrors), ask, patience);
  }).pipe(
    concatMap((results) => {
      const said = results.flatMap((result) => ("value" in result ? [result.value] : []));
      if (said.length > 0) return of(said.every(Boolean));
      const [failure] = results.flatMap((result) => ("error" in result ? [result.error] : []));
      return failure === undefined ? EMPTY : throwError(() => failure);
    }),
  );
}
