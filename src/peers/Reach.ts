import type { Observable, SchedulerLike } from "rxjs";
import { filter, Subject } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { verdicts } from "../errors/verdicts.js";
import type { PeerEntry } from "./PeerEntry.js";
import type { Roster } from "./Roster.js";

/** Where a pool's time comes from: a scheduler, which may know better. */
export interface PoolClock extends SchedulerLike {
  /** Whether the machine slept, and nobody has acted on it yet. */
  readonly hasSlept?: boolean;
}

/** How long a peer rests that could not be reached, while it is not clear yet whose fault that is. */
const restMs = 1000;
/** What came sooner after a peer was lost may have been on its way before. */
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
export class Reach {
  /** Emits when the network is lost; once, until `wake`. */
  readonly lost = new Subject<DownloadError>();
  /** Emits when a peer answers after that. */
  readonly found = new Subject<void>();
  /** Emits when a peer joins. */
  readonly joins: Observable<unknown>;
  readonly #roster: Roster;
  readonly #clock: PoolClock;
  /** Peers whose last answer was that there is no network, and since when. */
  readonly #unreached = new Map<PeerEntry, number>();
  readonly #ownTroubles = new WeakMap<DownloadError, DownloadError>();
  #answeredAt = -Infinity;
  #hasWorked = false;
  #wasOnline = false;
  #isOnline: boolean | undefined;
  #isLost = false;
  #isMissed = false;
  #interruption: DownloadError | undefined;

  constructor(roster: Roster, clock: PoolClock) {
    this.#roster = roster;
    this.#clock = clock;
    this.joins = roster.events.pipe(filter(({ type }) => type === "peer-joined"));
  }

  /** Whether this machine has a way out, as its platform says. */
  set online(isOnline: boolean) {
    this.#wasOnline ||= isOnline;
    this.#isOnline = isOnline;
  }

  /** Bytes of the peer came. */
  heard(entry: PeerEntry): void {
    this.#hasWorked = true;
    this.#answered(entry);
  }

  /** The failure of a leg, as what it is for the peer and the chunk. */
  judge(id: string, error: DownloadError): DownloadError {
    const { now } = this.#roster; // the clock may notice only now that it slept
    const entry = this.#roster.get(id);
    if (error === this.#interruption) return this.#excused(entry, error);
    if (this.#clock.hasSlept && verdicts[error.code].blame === "failure") return this.#excused(entry, error);
    if (!this.#isOutage(error)) {
      if (!silences.has(error.code)) this.#answered(entry);
      return error;
    }
    const since = this.#unreached.get(entry);
    if (since === undefined) this.#unreached.set(entry, now);
    else if (this.#answeredAt > since + staleMs) return this.#ownTrouble(error);
    const excused = this.#excused(entry, error);
    this.#rest(entry);
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
    const { all } = this.#roster;
    for (const entry of all) {
      entry.resting = true;
      this.#roster.rank(entry);
      entry.peer.renew?.();
    }
    for (const entry of all) entry.cut.next(error);
  }

  /** Everybody may be asked again; what they answer shows whether there is a network. */
  wake(): void {
    this.#isLost = false;
    this.#unreached.clear();
    for (const entry of this.#roster.all) this.#wakeOne(entry);
    this.#roster.freed.next();
  }

  /** The request was not fruitless: it was not made, for all that anybody knows. */
  #excused(entry: PeerEntry, error: DownloadError): DownloadError {
    entry.rate.giveBack();
    if (error.code === "NETWORK_DOWN") return error;
    const { message, peer } = error;
    return new DownloadError("NETWORK_DOWN", message, { cause: error, ...(peer !== undefined && { peer }) });
  }

  #isOutage({ code }: DownloadError): boolean {
    if (code === "NETWORK_DOWN") return true;
    if (code === "HOST_NOT_FOUND") return this.#hasWorked;
    const cutOff = this.#wasOnline && this.#isOnline === false;
    return cutOff && this.#hasWorked && silences.has(code);
  }

  #answered(entry: PeerEntry): void {
    this.#answeredAt = this.#roster.now;
    if (this.#unreached.size > 0) this.#unreached.delete(entry);
    if (!this.#isMissed || this.#isLost) return;
    this.#isMissed = false;
    this.found.next();
  }

  /** Blacklisted peers are not asked, so they cannot tell. */
  get #isEverybodyUnreached(): boolean {
    let somebody = false;
    for (const entry of this.#roster.alive()) {
      if (entry.standing.state === "blacklisted") continue;
      if (!this.#unreached.has(entry)) return false;
      somebody = true;
    }
    return somebody;
  }

  /** The same instance for the same one, so that an incident counts once. */
  #ownTrouble(error: DownloadError): DownloadError {
    if (error.code !== "NETWORK_DOWN") return error;
    const { message, peer } = error;
    const own =
      this.#ownTroubles.get(error) ??
      new DownloadError("CONNECTION_REFUSED", message, { cause: error, ...(peer !== undefined && { peer }) });
    this.#ownTroubles.set(error, own);
    return own;
  }

  #rest(entry: PeerEntry): void {
    if (entry.resting) return;
    entry.resting = true;
    this.#roster.rank(entry);
    this.#roster.after(restMs, () => {
      this.#wakeOne(entry);
      this.#roster.freed.next();
    });
  }

  #wakeOne(entry: PeerEntry): void {
    if (!entry.resting) return;
    entry.resting = false;
    this.#roster.rank(entry);
  }
}
