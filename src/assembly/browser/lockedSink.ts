import { catchError, concat, defer, EMPTY, type Observable, throwError } from "rxjs";
import type { ChunkSink } from "../../storage/ChunkSink.js";

/** Told when a sink is taken into use, and when nothing of it is any more: its last write has ended, whoever has left. */
export interface SinkWatch {
  readonly begun: () => void;
  readonly ended: () => void;
}

/** The sink, with word of how long it is in use. */
export function lockedSink(sink: ChunkSink, { begun, ended }: SinkWatch): ChunkSink {
  const end = defer((): Observable<never> => {
    ended();
    return EMPTY;
  });
  const endedBy = (error: unknown): Observable<never> =>
    concat(
      end,
      throwError(() => error),
    );
  return {
    open: (size) =>
      defer(() => {
        begun();
        return sink.open(size).pipe(catchError(endedBy));
      }),
    write: (offset, bytes) => sink.write(offset, bytes),
    read: (offset, length) => sink.read(offset, length),
    sync: () => sink.sync(),
    finish: () => sink.finish(),
    close: () => concat(sink.close().pipe(catchError(endedBy)), end),
  };
}
