import type { SchedulerLike } from "rxjs";
import { defer, map, Subject, takeUntil, timer } from "rxjs";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import type { Peer } from "../../src/peers/Peer.js";

/** The network of one machine: when it goes down, requests break, and cannot be made until it is up again. */
export class Network {
  readonly #scheduler: SchedulerLike;
  readonly #file: Uint8Array;
  readonly #breaks = new Subject<DownloadError>();
  #fault: DownloadErrorCode | undefined;
  /** Who was asked, and when. */
  readonly asked: { readonly peer: string; readonly at: number }[] = [];

  constructor(file: Uint8Array, scheduler: SchedulerLike) {
    this.#file = file;
    this.#scheduler = scheduler;
  }

  /** Takes it down at `fromMs` until `toMs`. */
  down(fromMs: number, toMs = Infinity, fault: DownloadErrorCode = "NETWORK_DOWN"): void {
    timer(fromMs, this.#scheduler).subscribe(() => {
      this.#fault = fault;
      this.#breaks.next(this.#failure(fault));
    });
    if (toMs < Infinity) timer(toMs, this.#scheduler).subscribe(() => (this.#fault = undefined));
  }

  /** A peer behind it; or one on this machine, or one that no network of ours leads to. */
  peer(id: string, way: "behind" | "here" | "unreachable" = "behind", bytesPerSecond = 1000): Peer {
    const real = scriptedPeer(id, this.#file, { bytesPerSecond, pieceBytes: 100, scheduler: this.#scheduler });
    const breaks = this.#breaks.pipe(
      map((error) => {
        throw error;
      }),
    );
    return {
      ...real,
      request: (range) =>
        defer(() => {
          this.asked.push({ peer: id, at: this.#scheduler.now() });
          if (way === "here") return real.request(range);
          if (way === "unreachable") throw this.#failure("NETWORK_DOWN");
          if (this.#fault !== undefined) throw this.#failure(this.#fault);
          return real.request(range).pipe(takeUntil(breaks));
        }),
    };
  }

  #failure(code: DownloadErrorCode): DownloadError {
    return new DownloadError(code, "connect ENETUNREACH");
  }
}
