import { asyncScheduler } from "rxjs";
import type { Account } from "../../download/Account.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { formatDuration } from "../../errors/formatDuration.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { isBusy } from "../../errors/isBusy.js";
import { sumOf } from "../../storage/counts.js";

/** Counts what comes of a file that is fetched whole, from its start again after each failure, and tells of it. */
export class UnsizedTally {
  readonly #peer: string;
  readonly #startedAt = asyncScheduler.now();
  #received = 0;
  #size = 0;
  readonly #retries: Record<string, number> = {};
  #busy = 0;

  constructor(peer: string) {
    this.#peer = peer;
  }

  /** Bytes since the start of the file was asked for last. */
  get size(): number {
    return this.#size;
  }

  /** The file is asked for from its start. */
  begin(): void {
    this.#size = 0;
  }

  came(bytes: number): void {
    this.#size += bytes;
    this.#received += bytes;
  }

  /** The event of a failure after which the file is asked for again, and of the wait before that, ms. */
  again(error: DownloadError, waitMs: number): DownloadEvent {
    const { code, message } = error;
    const at = asyncScheduler.now();
    if (isBusy(error)) {
      this.#busy += 1;
      return { type: "peer-busy", at, peer: this.#peer, code, untilMs: at + waitMs };
    }
    this.#retries[code] = (this.#retries[code] ?? 0) + 1;
    const what = this.#size > 0 ? "is fetched from its start again" : "is asked again";
    return { type: "notice", at, message: `${message} (${code}); it ${what} in ${formatDuration(waitMs)}` };
  }

  get progress(): DownloadEvent {
    const at = asyncScheduler.now();
    const bytesPerSecond = Math.round((this.#received * 1000) / Math.max(1, at - this.#startedAt));
    return {
      type: "progress",
      at,
      done: 0,
      verified: 0,
      received: this.#received,
      bytesPerSecond,
      retries: sumOf(this.#retries),
    };
  }

  get account(): Partial<Account> {
    const wasted = this.#received - this.#size;
    return {
      received: this.#received,
      bytesByPeer: { [this.#peer]: this.#received },
      waste: wasted > 0 ? { restart: wasted } : {},
      retries: this.#retries,
      waits: this.#busy > 0 ? { busy: this.#busy } : {},
      elapsedMs: asyncScheduler.now() - this.#startedAt,
    };
  }
}
