import type { Observable } from "rxjs";
import { Subject, takeUntil } from "rxjs";
import type { Receiver } from "./Peer.js";

/**
 * Has a receiver take what comes, piece by piece. When `stop` emits, the source is left, also one that answers at once, and the receiver hears nothing more.
 */
export function copyInto(receiver: Receiver, source: Observable<Uint8Array>, stop = new Subject<void>()): () => void {
  let isStopped = false;
  stop.subscribe(() => (isStopped = true));
  source.pipe(takeUntil(stop)).subscribe({
    next: (bytes) => receiver.take(bytes),
    error: (error: unknown) => receiver.fail(error),
    complete: () => {
      if (!isStopped) receiver.complete();
    },
  });
  return () => stop.next();
}
