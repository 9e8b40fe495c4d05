import { EMPTY, Subject } from "rxjs";
import type { DownloadError } from "../errors/DownloadError.js";
import { type DownloadErrorCode, verdicts } from "../errors/verdicts.js";
import type { NetworkSigns } from "../download/suspendInOutage.js";
import type { PoolClock } from "../peers/PoolContext.js";

/** Ends without an answer: none of them tells of the network. */
const silences: ReadonlySet<DownloadErrorCode> = new Set([
  "TIMEOUT",
  "STALLED",
  "CONNECTION_LOST",
  "CONNECTION_RESET",
  "HOST_NOT_FOUND",
  "UNKNOWN",
]);

/** Wait before a peer is asked again that could not be reached while others have not answered yet, ms. */
const restMs = 1000;

/**
 * Tells peers that cannot be reached from a machine that sleeps or has no network, before there is a pool that could. A peer to which there is
 * no way rests for a moment, at nobody's cost; an answer of anybody makes that the peer's own failure; when there is no way to anybody, the network
 * is `lost`. Clock and questions are then in the hands of `suspendInOutage`.
 */
export class NetworkWatch implements NetworkSigns {
  readonly lost = new Subject<DownloadError>();
  readonly found = new Subject<void>();
  readonly joins = EMPTY;
  /** Ends the questions under way, by an error that is nobody's failure. */
  readonly cuts = new Subject<DownloadError>();
  online = true;
  readonly #clock: PoolClock;
  readonly #peers = new Map<string, "asked" | "reached" | "unreached">();
  #cut: DownloadError | undefined;
  #isLost = false;
  #isMissed = false;

  constructor(clock: PoolClock) {
    this.#clock = clock;
  }

  /** A question to a peer begins. */
  asks(peer: string): void {
    if (!this.#peers.has(peer)) this.#peers.set(peer, "asked");
  }

  /** A peer has answered. */
  answered(peer: string): void {
    this.#peers.set(peer, "reached");
    if (!this.#isMissed || this.#isLost) return;
    this.#isMissed = false;
    this.found.next();
  }

  /** The last question to a peer has ended. */
  leaves(peer: string): void {
    if (this.#peers.get(peer) !== "reached") this.#peers.delete(peer);
  }

  /** How long a peer rests whose failure is nobody's, ms; nothing where the failure is its own, or where nobody would wait for the network. */
  excuseMs(peer: string, error: DownloadError): number | undefined {
    if (error === this.#cut || (this.#clock.hasSlept === true && verdicts[error.code].blame === "failure")) return 0;
    if (error.code !== "NETWORK_DOWN") {
      if (!silences.has(error.code)) this.answered(peer);
      return undefined;
    }
    if (!this.lost.observed) return undefined;
    this.#peers.set(peer, "unreached");
    const all = [...this.#peers.values()];
    if (all.includes("reached")) return undefined;
    if (all.includes("asked")) return restMs;
    if (!this.#isLost) {
      this.#isLost = this.#isMissed = true;
      this.lost.next(error);
    }
    return 0;
  }

  interrupt(error: DownloadError): void {
    this.#cut = error;
    this.cuts.next(error);
  }

  wake(): void {
    this.#isLost = false;
    for (const [peer, state] of this.#peers) if (state === "unreached") this.#peers.set(peer, "asked");
  }
}
