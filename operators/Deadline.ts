import { Subscription } from "rxjs";
import type { SchedulerLike } from "rxjs";
import { AttemptTimeoutError } from "./AttemptTimeoutError.js";
import { longestDelayMs } from "./defaults.js";
import { requireBetween } from "./requireBetween.js";

/** A peer that was silent for too long. */
export class StalledError extends Error {
  override readonly name = "StalledError";
  readonly code = "STALLED";
  /** The limit that was passed, in milliseconds. */
  readonly limitMs: number;

  constructor(phase: "first-byte" | "idle", limitMs: number) {
    super(phase === "idle" ? `silent for ${limitMs} ms` : `no first value within ${limitMs} ms`);
    this.limitMs = limitMs;
  }

  /** The error as plain data, for logs. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, code, message, limitMs } = this;
    return { name, code, message, limitMs };
  }
}

/** Milliseconds. The limits of silence are asked for at each check, and are from 0 to 2^31 - 1. */
export interface DeadlineLimits {
  /** How long the first value may take. @default no limit */
  readonly firstByteMs?: () => number;
  /** How long the silence after a value may last. @default no limit */
  readonly idleMs?: () => number;
  /** How long all of it may take, from its start or from `startAgain`. @default no limit */
  readonly attemptMs?: number;
}

/** A limit of the first byte may fall while it is waited for, as others answer; so it is asked for again after no more than this. */
const mostWaitMs = 1000;

/**
 * The patience with one request: with its first byte, with silences after that, and with all of it together.
 *
 * One timer compares at its end, or within a second before the first byte, and goes on for what is left, so that a value costs one look at the clock. A value
 * at exactly a limit counts: what came while the process was busy is read after the timers, and gets one more turn to be heard. Time in which the request was
 * paused by ourselves is not counted.
 */
export class Deadline {
  readonly #limits: DeadlineLimits;
  readonly #scheduler: SchedulerLike;
  readonly #expired: (error: unknown) => void;
  #timer = Subscription.EMPTY;
  #phase: "first-byte" | "idle" = "first-byte";
  #since = 0;
  #endsAt = Infinity;
  /** Since when the silence lasted that is to be judged in the next turn. */
  #doubted: number | undefined;
  #pausedSince: number | undefined;
  #isStopped = false;

  /** `expired` is called at most once, with a `StalledError`, an `AttemptTimeoutError`, or the RangeError of a limit that no timer can hold. */
  constructor(limits: DeadlineLimits, scheduler: SchedulerLike, expired: (error: unknown) => void) {
    this.#limits = limits;
    this.#scheduler = scheduler;
    this.#expired = expired;
  }

  /** @throws RangeError for a limit that no timer can hold. */
  start(): void {
    const now = this.#scheduler.now();
    this.#since = now;
    this.#endsAt = now + (this.#limits.attemptMs ?? Infinity);
    if (this.#pausedSince === undefined) this.#arm();
    else this.#pausedSince = now;
  }

  /** A value came. */
  heard(): void {
    this.#since = this.#scheduler.now();
    if (this.#phase === "idle") return;
    this.#phase = "idle";
    if (this.#pausedSince === undefined) this.#guarded(() => this.#arm());
  }

  /** The time for all of it begins anew: the timer finds that when it is over. */
  startAgain(): void {
    this.#endsAt = (this.#pausedSince ?? this.#scheduler.now()) + (this.#limits.attemptMs ?? Infinity);
  }

  /** Stops the time while we ourselves keep the request back, or lets it go on. */
  pause(isPaused: boolean): void {
    if (isPaused === (this.#pausedSince !== undefined) || this.#isStopped) return;
    const now = this.#scheduler.now();
    if (isPaused) {
      this.#pausedSince = now;
      this.#timer.unsubscribe();
      return;
    }
    const pausedSince = this.#pausedSince ?? now;
    this.#pausedSince = undefined;
    // A value that came meanwhile begins a new silence here.
    this.#since = now - Math.max(0, pausedSince - this.#since);
    this.#endsAt += Math.max(0, now - pausedSince);
    this.#guarded(() => this.#arm());
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer.unsubscribe();
  }

  #silenceMs(): number {
    const [name, limit] =
      this.#phase === "idle"
        ? (["idleMs", this.#limits.idleMs] as const)
        : (["firstByteMs", this.#limits.firstByteMs] as const);
    if (limit === undefined) return Infinity;
    const ms = limit();
    requireBetween(name, ms, 0, longestDelayMs);
    return ms;
  }

  /** No more than all of a limit is left, for a wall clock that was set back. */
  #leftMs(silenceMs: number): number {
    const now = this.#scheduler.now();
    return Math.min(silenceMs, this.#since + silenceMs - now, this.#endsAt - now);
  }

  #arm(): void {
    this.#timer.unsubscribe();
    if (this.#isStopped) return;
    const leftMs = this.#leftMs(this.#silenceMs());
    if (leftMs !== Infinity) this.#wait(Math.max(0, leftMs));
  }

  #wait(ms: number): void {
    const most = this.#phase === "first-byte" ? mostWaitMs : longestDelayMs;
    this.#timer = this.#scheduler.schedule(() => this.#guarded(() => this.#check()), Math.min(ms, most));
  }

  #check(): void {
    const silenceMs = this.#silenceMs();
    const leftMs = this.#leftMs(silenceMs);
    if (leftMs > 0) {
      if (leftMs !== Infinity) this.#wait(leftMs);
    } else if (this.#doubted !== this.#since) {
      this.#doubted = this.#since;
      this.#wait(0);
    } else {
      // Silence says more than that all of it took too long.
      const isSilent = this.#scheduler.now() - this.#since >= silenceMs;
      throw isSilent
        ? new StalledError(this.#phase, silenceMs)
        : new AttemptTimeoutError(this.#limits.attemptMs ?? Infinity);
    }
  }

  /** Does some work, whose error ends the patience. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.stop();
      this.#expired(error);
    }
  }
}
