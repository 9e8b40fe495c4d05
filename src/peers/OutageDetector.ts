import type { Observable } from "rxjs";
import { filter, Subject } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { verdicts } from "../errors/verdicts.js";
import type { PeerTable } from "./PeerTable.js";
import type { PoolContext } from "./PoolContext.js";
import type { PooledPeer } from "./PooledPeer.js";
import type { SlotScheduler } from "./SlotScheduler.js";

/** How long a peer rests that could not be reached, while it is not clear yet whose fault that is. */
const restMs = 1000;
/** Bytes that came sooner after a peer was lost may have been on their way before. */
const staleMs = 500;

/** Ends that say nothing of the network: there was no answer. */
const silences: ReadonlySet<DownloadErrorCode> = new Set([
  "TIMEOUT",
  "STALLED",
  "CONNECTION_LOST",
  "CONNECTION_RESET",
  "HOST_NOT_FOUND",
  "UNKNOWN",
]);

/**
 * Tells peers that cannot be reached from a machine that has no network. A peer that fails for want of a network rests for a
 * moment, so that the others are asked. When one of them answers, it was the peer's own trouble, and from then on that is a failure
 * as any other; when all that can be asked fail so, the network is `lost`, and nobody is to blame.
 */
export class OutageDetector {
  /** Emits when the network is lost; once, until `wake`. */
  readonly lost = new Subject<DownloadError>();
  /** Emits when a peer answers after that. */
  readonly found = new Subject<void>();
  /** Emits when a peer joins. */
  readonly joins: Observable<unknown>;
  readonly #pool: PoolContext;
  readonly #table: PeerTable;
  readonly #slots: SlotScheduler;
  /** Peers whose last answer was that there is no network, and since when. */
  readonly #unreached = new Map<PooledPeer, number>();
  readonly #ownTroubles = new WeakMap<DownloadError, DownloadError>();
  #answeredAt = -Infinity;
  #hasWorked = false;
  #wasOnline = false;
  #isOnline: boolean | undefined;
  #isLost = false;
  #isMissed = false;
  #interruption: DownloadError | undefined;

  constructor(pool: PoolContext, table: PeerTable, slots: SlotScheduler) {
    this.#pool = pool;
    this.#table = table;
    this.#slots = slots;
    this.joins = pool.events.pipe(filter(({ type }) => type === "peer-joined"));
  }

  /** True when this machine has a way out, as its platform says. */
  set online(isOnline: boolean) {
    this.#wasOnline ||= isOnline;
    this.#isOnline = isOnline;
  }

  /** Bytes of the peer came. */
  heard(peer: PooledPeer): void {
    this.#hasWorked = true;
    this.#answered(peer);
  }

  /** The failure of a leg, as what it is for the peer and the chunk. */
  judge(id: string, error: DownloadError): DownloadError {
    const { now } = this.#pool; // the clock may notice only now that it slept
    const peer = this.#table.get(id);
    if (error === this.#interruption) return this.#excused(peer, error);
    if (this.#pool.hasSlept && verdicts[error.code].blame === "failure") return this.#excused(peer, error);
    if (!this.#isOutage(error)) {
      if (!silences.has(error.code)) this.#answered(peer);
      return error;
    }
    const since = this.#unreached.get(peer);
    if (since === undefined) this.#unreached.set(peer, now);
    else if (this.#answeredAt > since + staleMs) return this.#ownTrouble(error);
    const excused = this.#excused(peer, error);
    if (peer.rest()) this.#pool.after(restMs, () => peer.wake());
    if (!this.#isLost && this.#isEverybodyUnreached) {
      this.#isLost = true;
      this.#isMissed = true;
      this.lost.next(excused);
    }
    return excused;
  }

  /** Ends all legs with `error`, which is nobody's failure, lets go of their connections, and asks nobody until `wake`. */
  interrupt(error: DownloadError): void {
    this.#interruption = error;
    const { all } = this.#table;
    for (const peer of all) {
      peer.rest();
      peer.peer.renew?.();
    }
    for (const peer of all) peer.cut.next(error);
  }

  /** Lets every peer be asked again; what they answer shows if there is a network. */
  wake(): void {
    this.#isLost = false;
    this.#unreached.clear();
    this.#slots.together(() => {
      for (const peer of this.#table.all) peer.wake();
    });
  }

  #excused(peer: PooledPeer, error: DownloadError): DownloadError {
    peer.excused();
    if (error.code === "NETWORK_DOWN") return error;
    return renamed(error, "NETWORK_DOWN");
  }

  #isOutage({ code }: DownloadError): boolean {
    if (code === "NETWORK_DOWN") return true;
    if (code === "HOST_NOT_FOUND") return this.#hasWorked;
    const isCutOff = this.#wasOnline && this.#isOnline === false;
    return isCutOff && this.#hasWorked && silences.has(code);
  }

  #answered(peer: PooledPeer): void {
    this.#answeredAt = this.#pool.now;
    if (this.#unreached.size > 0) this.#unreached.delete(peer);
    if (!this.#isMissed || this.#isLost) return;
    this.#isMissed = false;
    this.found.next();
  }

  /** Blacklisted peers are not asked, so they cannot tell. */
  get #isEverybodyUnreached(): boolean {
    let somebody = false;
    for (const peer of this.#table.alive()) {
      if (peer.health.state === "open") continue;
      if (!this.#unreached.has(peer)) return false;
      somebody = true;
    }
    return somebody;
  }

  /** The error as one of the peer's own: the same instance for the same error, so that an incident counts once. */
  #ownTrouble(error: DownloadError): DownloadError {
    if (error.code !== "NETWORK_DOWN") return error;
    const own = this.#ownTroubles.get(error) ?? renamed(error, "CONNECTION_REFUSED");
    this.#ownTroubles.set(error, own);
    return own;
  }
}

function renamed(error: DownloadError, code: DownloadErrorCode): DownloadError {
  const { message, peer } = error;
  return new DownloadError(code, message, { cause: error, ...(peer !== undefined && { peer }) });
}
