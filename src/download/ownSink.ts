import { catchError, defer, EMPTY, map, type Observable, of, switchMap, take } from "rxjs";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { doubtOf } from "../storage/doubtOf.js";
import { memoryOf } from "../storage/memoryOf.js";
import { summedBy } from "../storage/summedBy.js";
import { uninterruptible } from "../storage/uninterruptible.js";

/**
 * The sink as one run sees it, who closes only what it has opened itself: without an `open` of its own, or after one that was
 * refused because somebody else has the sink, `close` does nothing. An `open` that was left in the middle is waited for.
 */
export function ownSink(sink: ChunkSink): ChunkSink {
  let opened: ReturnType<ChunkSink["open"]> | undefined;
  const isOwn = (): Observable<boolean> =>
    opened?.pipe(
      take(1),
      map(() => true),
      catchError(() => of(false)), // the one who opened it has heard why
    ) ?? of(false);
  return {
    ...(sink.isPrivate && { isPrivate: true }),
    read: (offset, length) => sink.read(offset, length),
    write: (offset, bytes) => sink.write(offset, bytes),
    ...summedBy(sink),
    sync: () => sink.sync(),
    finish: () => sink.finish(),
    memory: (bytes) => memoryOf(sink, bytes),
    doubt: () => doubtOf(sink),
    open: (size) => defer(() => (opened = uninterruptible(sink.open(size)))),
    close: () => defer(() => isOwn().pipe(switchMap((own) => (own ? sink.close() : EMPTY)))),
  };
}
