import type { Observable } from "rxjs";
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  of,
  share,
  tap,
  throwError,
} from "rxjs";
import type { MergeLimit } from "../../operators/ChunkMerge.js";
import { mergeChunks } from "../../operators/mergeChunks.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";

/** Parts that rounds are made of. */
export interface RoundParts<V> {
  /** Chunks that are surely missing. */
  readonly missing: Iterable<number>;
  /** Chunks that may be there, and the check that emits those that are. */
  readonly unchecked: readonly number[];
  readonly check: Observable<number>;
  readonly found: (chunk: number) => V;
  /** One chunk, to its verification. */
  readonly transfer: (chunk: number) => Observable<V>;
  /** True when a chunk that failed so waits for another round; false when the error ends all. */
  readonly parks: (error: DownloadError, chunk: number) => boolean;
  readonly limit: MergeLimit;
  /** A place in line for each chunk, which says when its turn comes what chunk is best begun. */
  readonly places: (chunks: Iterable<number>) => Iterable<() => number>;
  /** True when no chunk gets a second round. */
  readonly once: boolean;
}

/**
 * Transfers what is missing, while what may be there is checked beside it; chunks that gave up wait until the others are done,
 * and then get another round, as long as the last round verified anything.
 *
 * Emits one value a chunk. Errors with the first error of a round that verified nothing.
 */
export function rounds<V>({
  missing,
  unchecked,
  check,
  found,
  transfer,
  parks,
  limit,
  places,
  once,
}: RoundParts<V>): Observable<V> {
  const round = (
    wanted: Observable<Iterable<number>>,
    beside: Observable<V>,
    before: ReadonlyMap<number, DownloadError>,
  ): Observable<V> =>
    defer(() => {
      const parked = new Map<number, DownloadError>();
      let verified = 0;
      const one = (place: () => number): Observable<V> => {
        const chunk = place();
        return transfer(chunk).pipe(
          catchError((thrown: unknown) => {
            const latest = toDownloadError(thrown, { chunk });
            // The error of a chunk that nobody could be asked for says less than that of a request.
            const error = latest.attempt === 0 ? (before.get(chunk) ?? latest) : latest;
            if (!parks(error, chunk)) return throwError(() => error);
            parked.set(chunk, error);
            return EMPTY;
          }),
        );
      };
      const next = defer(() => {
        const [first] = parked.values();
        if (first === undefined) return EMPTY;
        if (once || verified === 0) return throwError(() => first);
        return round(of(parked.keys()), EMPTY, parked);
      });
      const all = merge(beside, wanted.pipe(map(places), mergeChunks(one, limit)));
      return concat(all.pipe(tap(() => verified++)), next);
    });

  return defer(() => {
    const bad = new Set(unchecked);
    const checked = check.pipe(
      tap((chunk) => bad.delete(chunk)),
      concatMap((chunk) => of(found(chunk))),
      share({ resetOnComplete: false }),
    );
    const wanted = concat(
      of(missing),
      checked.pipe(ignoreElements()),
      defer(() => of(bad)),
    );
    return round(wanted, checked, new Map());
  });
}
