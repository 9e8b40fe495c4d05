import type { AttemptContext } from "../../operators/attempt.js";
import type { RetryVerdict } from "../../operators/RetryEvent.js";
import type { Classified } from "../../operators/retryWithPeerSwitch.js";
import type { Selection } from "../../operators/selectPeer.js";
import { selectPeer } from "../../operators/selectPeer.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Peer } from "../peers/Peer.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import type { Leg } from "./Leg.js";
import { Suspects } from "./Suspects.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";

/** Less than this, brought before it broke, is no progress. */
const realProgress = 16 * 1024;

interface DeadLeg {
  readonly leg: Leg;
  readonly error: DownloadError;
}

/** Judges the legs of one chunk: which failure uses a retry, which goes on from the frontier, who is to blame. */
export class Trial {
  readonly suspects = new Suspects();
  readonly #assembly: ChunkAssembly;
  readonly #parts: TransferParts;
  readonly #config: TransferConfig;
  readonly #living = new Set<Leg>();
  #attempt = -1;
  /** How far the chunk ever was when a leg was booked last. */
  #highest: number;
  /** Legs of this attempt. */
  #legs: Leg[] = [];
  /** Died last, and not told yet. */
  #dead: DeadLeg | undefined;
  /** Whether the leg that died last got the chunk further, or died for want of a network. */
  #diedBlameless = false;
  /** How many retries the chunk has used. */
  #retry = 0;
  /** The attempt takes the place of the one before. */
  #isReplacement = false;
  /** Until when it waits for another peer: as long as the retry would that it stands for. */
  #replacesUntil = 0;
  /** Found out, and not told yet. */
  #condemned: { readonly peer: string; readonly error: DownloadError } | undefined;
  #continuations = 0;
  #askedAgain = false;

  constructor(assembly: ChunkAssembly, parts: TransferParts, config: TransferConfig) {
    this.#assembly = assembly;
    this.#highest = assembly.highest;
    this.#parts = parts;
    this.#config = config;
  }

  /** A leg begins at the frontier, without bytes that are known to be wrong or come from peers that have been found out. */
  begin(peer: Peer, { attempt, retry }: AttemptContext<Peer>): Leg {
    if (attempt !== this.#attempt) {
      this.#legs = [];
      this.#dead = undefined;
    }
    this.#attempt = attempt;
    this.#retry = retry;
    if (this.#living.size === 0 && this.#isSpoilt()) this.#startOver();
    const leg = { peer, attempt, number: this.#legs.length, offset: this.#assembly.frontier, received: 0, gained: 0 };
    this.#legs.push(leg);
    this.#living.add(leg);
    return leg;
  }

  /** A leg brought so many bytes, of which so many were new to the chunk. */
  took(leg: Leg, bytes: number, fresh: number): void {
    leg.received += bytes;
    leg.gained += Math.max(0, this.#assembly.highest - this.#highest);
    this.#highest = this.#assembly.highest;
    this.#parts.meter.received(leg.peer.id, bytes);
    this.#parts.meter.wasted("hedge", bytes - fresh);
  }

  isAsking(peer: Peer): boolean {
    for (const leg of this.#living) if (leg.peer === peer) return true;
    return false;
  }

  end(leg: Leg): void {
    this.#living.delete(leg);
  }

  /** One of several legs died. While others live, or when it is replaced, the attempt goes on. */
  died(peer: Peer, thrown: unknown, othersLive: boolean): void {
    const leg = this.#legs.findLast((each) => each.peer === peer);
    if (leg === undefined) return;
    const error = toDownloadError(thrown);
    this.#dead = { leg, error };
    this.#diedBlameless = error.code === "NETWORK_DOWN" || this.progressed(leg);
    if (othersLive) this.replaced();
  }

  /** Whether the leg that died last is replaced for nothing. */
  get diedBlameless(): boolean {
    return this.#diedBlameless;
  }

  /** Whether the peer had a part in wrong bytes of this chunk, and there is anybody else for it. */
  isToAvoid({ id }: Peer): boolean {
    const { peers } = this.suspects;
    return peers.has(id) && this.#parts.pool.hasAnother(peers, this.#assembly.chunk.index);
  }

  /** The leg that died last costs the attempt nothing. */
  replaced(): void {
    if (this.#dead !== undefined) this.#tell(this.#dead, true);
    this.#dead = undefined;
  }

  /** The whole attempt failed. */
  failed(thrown: unknown, continued: boolean): void {
    const leg = this.#legs.at(-1);
    const dead = this.#dead ?? (leg && { leg, error: toDownloadError(thrown) });
    if (dead !== undefined) this.#tell(dead, continued);
    // Only now: it ends legs of other chunks, and perhaps the download.
    const condemned = this.#condemned;
    this.#condemned = undefined;
    if (condemned !== undefined) this.#parts.pool.quarantine(condemned.peer, condemned.error);
  }

  #tell({ leg: { peer, attempt, number, received }, error: { code, message } }: DeadLeg, continued: boolean): void {
    const { verdict } = verdicts[code];
    const leg = { chunk: this.#assembly.chunk.index, attempt, leg: number, peer: peer.id };
    this.#parts.emit({ type: "attempt-failed", ...leg, code, verdict, message, received, continued });
  }

  /** Whether the leg brought the chunk further than it ever was, by enough to be no failure. Bytes fetched again do not count. */
  progressed({ gained }: Leg): boolean {
    if (!this.#config.parallel) return false;
    return gained >= realProgress || (gained > 0 && this.#assembly.isWhole);
  }

  classify(thrown: unknown): Classified {
    const error = toDownloadError(thrown);
    const { verdict, blame } = verdicts[error.code];
    if (this.#config.strict && verdict !== "retry") return { verdict: "fail" };
    if (error.code === "CHECKSUM_MISMATCH") return this.#mismatch(error);
    const progressed = this.#legs.some((leg) => this.progressed(leg));
    // The machine slept or has no network: nobody's failure, and when to go on is not for the chunk to know.
    if (error.code === "NETWORK_DOWN") return { verdict: "continue", progressed };
    if (verdict === "retry" && progressed) {
      return { verdict: "continue", progressed: true, notBeforeMs: this.#continuationDelay() };
    }
    if (blame === "failure" && this.#replaces()) return { verdict: "continue" };
    this.#isReplacement = false;
    // A busy peer, and one that lacks the chunk now, may be asked again: the pool knows when.
    return { verdict: blame === "busy" || blame === "missing" ? "continue" : this.#ofOne(verdict) };
  }

  /**
   * A leg that died when the others had no room: the next one, as soon as there is some, is its replacement, as if it had come at once. Only
   * one, so that with it the attempt has failed.
   */
  #replaces(): boolean {
    const [leg, ...others] = this.#legs;
    if (!this.#config.parallel || this.#isReplacement || leg === undefined || others.length > 0) return false;
    const { pool, allowance, backoff, scheduler } = this.#parts;
    const { index } = this.#assembly.chunk;
    this.#isReplacement = pool.hasAnother(new Set([leg.peer.id]), index) && allowance.tryReplace();
    if (this.#isReplacement) this.#replacesUntil = scheduler.now() + backoff(this.#retry + 1, { key: index });
    return this.#isReplacement;
  }

  /** Whom to ask next, of those who can be asked now, best first. */
  select(candidates: Iterable<Peer>, selection: Selection<Peer>): Peer | undefined {
    const { peers } = this.suspects;
    const { last } = selection;
    const waits = last !== undefined && this.#waitsForAnother(last);
    if (peers.size === 0 && !waits) return selectPeer(candidates, selection);
    const avoid = { has: (peer: Peer) => selection.avoid.has(peer) || peers.has(peer.id) };
    const never = { has: (peer: Peer) => selection.never.has(peer) || (waits && peer === last) };
    return selectPeer(candidates, { ...selection, avoid, never });
  }

  /** Whoever takes the place of a dead leg is worth waiting for, while there is anybody else, and no longer than a retry would wait. */
  #waitsForAnother(last: Peer): boolean {
    const { pool, scheduler } = this.#parts;
    if (!this.#isReplacement || scheduler.now() >= this.#replacesUntil) return false;
    return pool.hasAnother(new Set([last.id]), this.#assembly.chunk.index);
  }

  /** One peer brought it all: it lied. Several did: they are suspects until the chunk is right. */
  #mismatch(error: DownloadError): Classified {
    const segments = this.#assembly.segments();
    this.#startOver();
    const [first, ...others] = segments;
    if (first?.peer === undefined || others.length > 0) {
      this.suspects.add(segments);
      return { verdict: "continue" };
    }
    if (!this.#askedAgain && this.#parts.pool.isOnly(first.peer, this.#assembly.chunk.index)) {
      this.#askedAgain = true;
      return { verdict: "continue" };
    }
    this.#condemned = { peer: first.peer, error };
    return { verdict: this.#ofOne("switch") };
  }

  /** With several legs the attempt's own peer need not be the one that is not to be asked again; the pool knows who is. */
  #ofOne(verdict: RetryVerdict): RetryVerdict {
    return verdict === "switch" && this.#legs.length > 1 ? "continue" : verdict;
  }

  #isSpoilt(): boolean {
    return this.#assembly.isWhole || Object.keys(this.#assembly.peers).some((id) => this.#parts.pool.isQuarantined(id));
  }

  #startOver(): void {
    this.#parts.meter.wasted("checksum", this.#assembly.restart());
  }

  #continuationDelay(): number {
    return this.#continuations++ === 0 ? 0 : this.#config.continuationDelayMs;
  }
}
