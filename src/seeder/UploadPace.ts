import type { SchedulerLike } from "rxjs";
import { maxDataBytes } from "../protocol/protocol.js";

/** Burst that may go out at once after a pause, as time. */
const burstMs = 50;
const smallestFrame = 1024;

/**
 * A token bucket over all connections, kept as the time at which it is empty again (the generic cell rate algorithm, ITU-T
 * I.371): connections take turns by reserving, so none starves.
 */
export class UploadPace {
  /** Payload of one data message: small when the rate is low, so that a slow seeder sends steadily. */
  readonly frameBytes: number;
  readonly #bytesPerMs: number;
  readonly #scheduler: SchedulerLike;
  #emptyAt = 0;

  constructor(bytesPerSecond: number | undefined, scheduler: SchedulerLike) {
    this.#bytesPerMs = (bytesPerSecond ?? Infinity) / 1000;
    this.#scheduler = scheduler;
    this.frameBytes = Math.min(maxDataBytes, Math.max(smallestFrame, Math.floor(this.#bytesPerMs * burstMs)));
  }

  /**
   * Reserves room for `bytes` and says in how many milliseconds they may go: when a line of this rate would have brought the last of them, so
   * that who measures the time between two messages measures the rate.
   */
  reserve(bytes: number): number {
    if (this.#bytesPerMs === Infinity) return 0;
    const now = this.#scheduler.now();
    const startAt = Math.max(this.#emptyAt, now - burstMs);
    this.#emptyAt = startAt + bytes / this.#bytesPerMs;
    return Math.max(0, this.#emptyAt - now);
  }
}
