import { concat, defer, EMPTY, ignoreElements, type Observable, Subject, Subscription, take, tap } from "rxjs";
import type { ChunkSink } from "../../storage/ChunkSink.js";

/**
 * A lock that outlives its subscriber as long as bytes are still on their way to the disk.
 *
 * It is let go of when the sink that was handed out is closed; when that sink was never opened, with the subscription.
 * `settled` completes when it is free, so that the next subscriber in this process waits where another process is refused.
 */
export class HeldLock {
  readonly #lock: Observable<void>;
  #held: Subscription | undefined;
  #inUse = false;
  #leaving = false;
  readonly #free = new Subject<void>();

  constructor(lock: Observable<void>) {
    this.#lock = lock;
  }

  /** Completes at once, or when a subscriber that has left is through with its last writes. */
  settled(): Observable<never> {
    return defer(() => (this.#leaving ? this.#free.pipe(take(1), ignoreElements()) : EMPTY));
  }

  /** Takes the lock; completes when it is held. Errors with `LOCKED`. */
  take(): Observable<never> {
    return concat(
      this.settled(),
      defer(() => {
        const held = new Subscription();
        let failure: { readonly error: unknown } | undefined;
        // Synchronous: it is held, or refused, when this returns.
        held.add(this.#lock.subscribe({ error: (error: unknown) => (failure = { error }) }));
        if (failure !== undefined) throw failure.error;
        this.#held = held;
        return EMPTY;
      }),
    );
  }

  /** The sink, whose last act frees the lock. */
  guard(sink: ChunkSink): ChunkSink {
    return {
      read: (offset, length) => sink.read(offset, length),
      write: (offset, bytes) => sink.write(offset, bytes),
      sync: () => sink.sync(),
      finish: () => sink.finish(),
      open: (size) =>
        defer(() => {
          this.#inUse = true;
          return sink.open(size);
        }),
      close: () => sink.close().pipe(tap({ error: () => this.#release(), complete: () => this.#release() })),
    };
  }

  /** The subscriber leaves. */
  leave(): void {
    if (this.#held === undefined) return;
    if (this.#inUse) this.#leaving = true;
    else this.#release();
  }

  #release(): void {
    this.#held?.unsubscribe();
    this.#held = undefined;
    this.#inUse = false;
    this.#leaving = false;
    this.#free.next();
  }
}
