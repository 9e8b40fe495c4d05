import {
  asyncScheduler,
  BehaviorSubject,
  defer,
  finalize,
  type Observable,
  type SchedulerLike,
  Subscription,
} from "rxjs";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { doubtOf } from "../../storage/doubtOf.js";
import { memoryOf } from "../../storage/memoryOf.js";
import { summedBy } from "../../storage/summedBy.js";

export interface BackpressureConfig {
  /** Bytes that may wait to be stored before reading stops. @default 33554432 */
  readonly highBytes?: number;
  /** Bytes at which reading goes on. @default 16777216 */
  readonly lowBytes?: number;
  /** Bytes a second at most. @default unlimited */
  readonly limitRate?: number;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

const mebibyte = 1024 * 1024;

/**
 * Tells when to stop reading from the network: while too much waits to be stored, and while more came than the rate allows.
 * The rate is kept as a debt that shrinks with time, so that what comes in one piece is evened out by a pause.
 */
export class Backpressure {
  readonly #paused = new BehaviorSubject(false);
  readonly paused: Observable<boolean> = this.#paused.asObservable();
  readonly #config: Required<Omit<BackpressureConfig, "limitRate">>;
  #limitRate: number;
  #waiting = 0;
  #full = false;
  #debt = 0;
  #countedAt: number;
  #paying = false;
  #timer = Subscription.EMPTY;

  constructor({ highBytes, lowBytes, limitRate, scheduler }: BackpressureConfig = {}) {
    this.#config = {
      highBytes: highBytes ?? 32 * mebibyte,
      lowBytes: lowBytes ?? 16 * mebibyte,
      scheduler: scheduler ?? asyncScheduler,
    };
    this.#limitRate = limitRate ?? Number.POSITIVE_INFINITY;
    this.#countedAt = this.#config.scheduler.now();
  }

  /** Changes the rate, bytes a second; what is owed by now is paid at the new one. */
  limit(limitRate = Number.POSITIVE_INFINITY): void {
    this.#debt = limitRate === Number.POSITIVE_INFINITY ? 0 : this.#owed();
    this.#countedAt = this.#config.scheduler.now();
    this.#limitRate = limitRate;
    this.#timer.unsubscribe();
    this.#payOff();
  }

  /** Notes bytes that came; less than none where some that were counted will come again, from here. */
  came(bytes: number): void {
    this.#owe(bytes);
    this.#tell();
  }

  /** Notes bytes that wait to be stored. */
  waits(bytes: number): void {
    this.#waiting += bytes;
    if (this.#waiting >= this.#config.highBytes) this.#full = true;
    this.#tell();
  }

  /** Notes bytes that wait no longer. */
  stored(bytes: number): void {
    this.#waiting -= bytes;
    if (this.#waiting <= this.#config.lowBytes) this.#full = false;
    this.#tell();
  }

  #owe(bytes: number): void {
    if (this.#limitRate === Number.POSITIVE_INFINITY) return;
    this.#debt = this.#owed() + bytes;
    if (this.#paying) return;
    this.#paying = true;
    this.#payOff();
  }

  #payOff(): void {
    const limitRate = this.#limitRate;
    this.#debt = this.#owed();
    // Less than a millisecond's worth is no debt: a timer could not keep it.
    this.#paying = this.#debt > limitRate / 1000;
    if (this.#paying) {
      const waitMs = Math.min(1000, (this.#debt * 1000) / limitRate);
      this.#timer = this.#config.scheduler.schedule(() => this.#payOff(), waitMs);
    }
    this.#tell();
  }

  /** The debt by now. Time pays it, and changes nothing of a credit. */
  #owed(): number {
    if (this.#limitRate === Number.POSITIVE_INFINITY) return this.#debt;
    const now = this.#config.scheduler.now();
    const paid = ((now - this.#countedAt) * this.#limitRate) / 1000;
    this.#countedAt = now;
    return Math.max(Math.min(0, this.#debt), this.#debt - paid);
  }

  #tell(): void {
    const isPaused = this.#full || this.#paying;
    if (isPaused !== this.#paused.value) this.#paused.next(isPaused);
  }
}

/** Sink that writes to `sink`, and tells `backpressure` what waits to be stored. */
export function meteredSink(sink: ChunkSink, backpressure: Backpressure): ChunkSink {
  // Counted with the subscription: a write that never gets one holds nobody back.
  const metered = <T>(write: (offset: number, bytes: Uint8Array) => Observable<T>): typeof write => {
    return (offset, bytes) =>
      defer(() => {
        backpressure.waits(bytes.length);
        return defer(() => write(offset, bytes)).pipe(finalize(() => backpressure.stored(bytes.length)));
      });
  };
  const { writeSummed } = summedBy(sink);
  return {
    open: (size) => sink.open(size),
    read: (offset, length) => sink.read(offset, length),
    sync: () => sink.sync(),
    finish: () => sink.finish(),
    memory: (bytes) => memoryOf(sink, bytes),
    doubt: () => doubtOf(sink),
    close: () => sink.close(),
    write: metered((offset, bytes) => sink.write(offset, bytes)),
    ...(writeSummed && { writeSummed: metered(writeSummed) }),
  };
}
