import type { Observable, SchedulerLike } from "rxjs";
import { Subject, Subscription } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import type { PoolConfig } from "./PoolConfig.js";
import type { PoolEvent } from "./PoolEvent.js";

/** Where a pool's time comes from: a scheduler, which may know better. */
export interface PoolClock extends SchedulerLike {
  /** True when the machine slept, and nobody has acted on it yet. */
  readonly hasSlept?: boolean;
  /** Wall time of a time on this clock, ms since the epoch. @default the same */
  toWall?(atMs: number): number;
  /** The time on this clock of a wall time. @default the same */
  fromWall?(wallMs: number): number;
}

/** How the legs of this run ended, all peers together; several may have died of one event. */
interface Tally {
  ok: number;
  failed: number;
  /** The failure that was counted last, of any peer. */
  lastFailure?: DownloadError;
}

/** The config, the clock, the voice and the tally that all parts of one pool share. Times are the clock's, ms; those of records are wall time. */
export class PoolContext {
  readonly config: PoolConfig;
  readonly events = new Subject<PoolEvent>();
  readonly tally: Tally = { ok: 0, failed: 0 };
  /** Peers that are not to serve a chunk, by chunk. */
  readonly barred = new Map<number, ReadonlySet<string>>();
  /** True when somebody was there who lacks chunks and may get them. */
  hasPartial = false;
  /** When somebody last brought bytes, or told of more than it had. */
  newsAt = 0;
  readonly #clock: PoolClock;
  readonly #owned = new Subscription();

  constructor(clock: PoolClock, config: PoolConfig) {
    this.#clock = clock;
    this.config = config;
  }

  get now(): number {
    return this.#clock.now();
  }

  get hasSlept(): boolean {
    return this.#clock.hasSlept === true;
  }

  toWall(atMs: number): number {
    return this.#clock.toWall?.(atMs) ?? atMs;
  }

  fromWall(wallMs: number): number {
    return this.#clock.fromWall?.(wallMs) ?? wallMs;
  }

  /** Runs `then` once after `ms`, unless the pool has stopped. */
  after(ms: number, then: () => void): Subscription {
    const timer = this.#clock.schedule<undefined>(function () {
      try {
        then();
      } finally {
        this.unsubscribe();
      }
    }, ms);
    this.#owned.add(timer);
    timer.add(() => this.#owned.remove(timer));
    return timer;
  }

  /** Follows something until the pool stops. */
  follow(source: Observable<unknown>, then: () => void): Subscription {
    const subscription = source.subscribe(then);
    this.#owned.add(subscription);
    return subscription;
  }

  tell(event: PoolEvent): void {
    this.events.next(event);
  }

  /** Ends the pool. */
  fail(error: DownloadError): void {
    this.events.error(error);
  }

  stop(): void {
    this.#owned.unsubscribe();
  }
}
