import {
  concat,
  defer,
  EMPTY,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type Observable,
  Subject,
  Subscription,
  take,
  tap,
} from "rxjs";
import type { HeldLock } from "../../adapters/node/lock.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { doubtOf } from "../../storage/doubtOf.js";
import { memoryOf } from "../../storage/memoryOf.js";
import type { ProgressStore } from "../../storage/ProgressStore.js";
import { summedBy } from "../../storage/summedBy.js";

/** The places that a download writes to. */
interface Disk {
  readonly sink: ChunkSink;
  readonly progress: ProgressStore;
}

/**
 * A lock that outlives its subscriber as long as bytes are still on their way to the disk.
 *
 * The lock is let go of when the sink that was handed out is closed; when that sink was never opened, with the subscription. The next
 * subscriber in this process waits for that where another process is refused, and hears of what failed with nobody there.
 */
export class DownloadLock {
  readonly #lock: Observable<HeldLock>;
  #held: Subscription | undefined;
  #lease: HeldLock | undefined;
  #inUse = false;
  #leaving = false;
  /** The first thing that went wrong since the sink was opened. */
  #failure: DownloadError | undefined;
  /** The first thing that went wrong for a subscriber that had left by then; the next one hears of it. */
  #unheard: DownloadError | undefined;
  readonly #free = new Subject<void>();

  constructor(lock: Observable<HeldLock>) {
    this.#lock = lock;
  }

  /**
   * Completes at once, or when a subscriber that has left is through with its last writes. Errors, once, with what went wrong
   * in them.
   */
  settled(): Observable<never> {
    return concat(
      defer(() => (this.#leaving ? this.#free.pipe(take(1), ignoreElements()) : EMPTY)),
      defer(() => {
        this.#tellUnheard();
        return EMPTY;
      }),
    );
  }

  /** Takes the lock when it is settled; completes when it is held. Errors with `LOCKED` too. */
  take(): Observable<never> {
    return concat(
      this.settled(),
      defer(() => {
        const held = new Subscription();
        let failure: { readonly error: unknown } | undefined;
        // Synchronous: it is held, or refused, when this returns.
        const subscription = this.#lock.subscribe({
          next: (lease) => (this.#lease = lease),
          // One that is lost later is noticed by whoever is about to write.
          error: (error: unknown) => (failure = { error }),
        });
        held.add(subscription);
        if (failure !== undefined) throw failure.error;
        this.#held = held;
        return EMPTY;
      }),
    );
  }

  /** Keeps the lock, whoever leaves, until what this returns is called, with what went wrong, if anything did. */
  use(): (failure?: unknown) => void {
    this.#inUse = true;
    this.#failure = undefined;
    return (failure) => {
      if (failure !== undefined) this.#failure ??= toDownloadError(failure);
      this.#release();
    };
  }

  /** Work that changes the disk, which is begun only while the lock is held; errors with `LOCKED` else. */
  whileHeld<T>(work: Observable<T>): Observable<T> {
    return defer(() => {
      this.#lease?.check();
      return work;
    });
  }

  /** Sink and store, of which the closing of the sink is the last act and frees the lock. */
  guard({ sink, progress }: Disk): Disk {
    let free = (): void => undefined;
    const { writeSummed } = summedBy(sink);
    return {
      sink: {
        read: (offset, length) => sink.read(offset, length),
        write: (offset, bytes) => this.whileHeld(sink.write(offset, bytes)),
        ...(writeSummed && { writeSummed: (offset, bytes) => this.whileHeld(writeSummed(offset, bytes)) }),
        sync: () => sink.sync().pipe(this.#noting()),
        finish: () => this.whileHeld(sink.finish()).pipe(this.#noting()),
        memory: (bytes) => memoryOf(sink, bytes),
        doubt: () => doubtOf(sink),
        open: (size) =>
          defer(() => {
            free = this.use();
            // A sink that was never open is never closed: its lock goes with the subscription.
            return sink.open(size).pipe(tap({ error: () => this.#unused() }));
          }),
        close: () => sink.close().pipe(this.#noting(), tap({ error: () => free(), complete: () => free() })),
      },
      progress: {
        load: () => progress.load(),
        save: (checkpoint) => this.whileHeld(progress.save(checkpoint)).pipe(this.#noting()),
        clear: () => this.whileHeld(progress.clear()).pipe(this.#noting()),
      },
    };
  }

  /** The subscriber leaves. */
  leave(): void {
    if (this.#held === undefined) return;
    if (this.#inUse) this.#leaving = true;
    else this.#release();
  }

  #noting<T>(): MonoTypeOperatorFunction<T> {
    return tap({ error: (error: unknown) => (this.#failure ??= toDownloadError(error)) });
  }

  #tellUnheard(): void {
    const unheard = this.#unheard;
    this.#unheard = undefined;
    if (unheard === undefined) return;
    const { code, message } = unheard;
    throw new DownloadError(code, `what was to be saved when this download was left is not: ${message}`, {
      cause: unheard,
    });
  }

  #unused(): void {
    this.#inUse = false;
    if (this.#leaving) this.#release();
  }

  #release(): void {
    if (this.#leaving) this.#unheard = this.#failure;
    this.#held?.unsubscribe();
    this.#held = undefined;
    this.#inUse = false;
    this.#leaving = false;
    this.#free.next();
  }
}
