import type { SchedulerLike } from "rxjs";
import { PeerRests } from "./PeerRests.js";
import type { RetryVerdict } from "./RetryEvent.js";
import type { RetryWithPeerSwitchConfig } from "./RetryWithPeerSwitchConfig.js";
import type { Selection } from "./selectPeer.js";
import type { SharedHealth } from "./sharedHealth.js";

/** Parts of the config that rule the turns. */
interface RotationParts<P> {
  readonly select: NonNullable<RetryWithPeerSwitchConfig<P>["select"]>;
  readonly samePeerRetries: number;
  readonly health: SharedHealth | undefined;
  readonly scheduler: SchedulerLike;
}

/**
 * The turns of peers: who can be asked, who had a turn in this round, who rests, who may have none any more. What other calls learned of peers
 * (`SharedHealth`) counts as if it had been learned here. Sets are made when first needed.
 */
export class Rotation<P> {
  candidates: Iterable<P> = [];
  readonly #parts: RotationParts<P>;
  #last: P | undefined;
  #stay = true;
  /** Retries in a row on the peer asked last. */
  #streak = 0;
  #never: Set<P> | undefined;
  #avoid: Set<P> | undefined;
  /** Peers that failed since the last value. */
  #vain: Set<P> | undefined;

  /** Rests of this call, where calls share none. */
  #rests: PeerRests | undefined;
  readonly #passedOver: Pick<ReadonlySet<P>, "has"> = {
    has: (peer) => this.#avoid?.has(peer) === true || this.#parts.health?.isAvoided(peer) === true,
  };
  readonly #shut: Pick<ReadonlySet<P>, "has"> = {
    has: (peer) => this.#never?.has(peer) === true || this.#restMs(peer) > 0,
  };

  constructor(parts: RotationParts<P>) {
    this.#parts = parts;
  }

  /** The peer to be asked now, if any can be. */
  next(): P | undefined {
    const last = this.#last;
    const stay = this.#stay && (last === undefined || this.#parts.health?.isAvoided(last) !== true);
    const avoid =
      stay || last === undefined ? this.#passedOver : { has: (peer: P) => peer === last || this.#passedOver.has(peer) };
    return this.#select({ last, stay, avoid, never: this.#shut });
  }

  /** A peer beside the `peer` that is being asked, and those `named` already. */
  other(peer: P, named: Pick<ReadonlySet<P>, "has">): P | undefined {
    const never = { has: (each: P) => named.has(each) || this.#shut.has(each) };
    return this.#select({ last: peer, stay: false, avoid: this.#passedOver, never });
  }

  /** Milliseconds until the first of those that rest may be asked; `Infinity` when none rests that could be. */
  get restMs(): number {
    let least = Infinity;
    if (this.#rests === undefined && this.#parts.health === undefined) return least;
    for (const peer of this.candidates) {
      const restMs = this.#never?.has(peer) === true ? 0 : this.#restMs(peer);
      if (restMs > 0) least = Math.min(least, restMs);
    }
    return least;
  }

  /** A peer asks to be left alone for so long, ms. */
  rest(peer: P, forMs: number): void {
    const { health, scheduler } = this.#parts;
    if (health === undefined) (this.#rests ??= new PeerRests(scheduler)).add(peer, forMs);
    else health.rest(peer, forMs);
  }

  #restMs(peer: P): number {
    return this.#parts.health?.restMs(peer) ?? this.#rests?.leftMs(peer) ?? 0;
  }

  #select(selection: Selection<P>): P | undefined {
    const { select, health } = this.#parts;
    return select(health?.ranked(this.candidates) ?? this.candidates, selection);
  }

  switchedTo(peer: P): void {
    this.#streak = 0;
    if (this.#avoid?.delete(peer) === true) this.#avoid.clear(); // everybody failed once around: a new round of the same turns
  }

  /** Tells whether the peer has had its chance since the last value. */
  isStale(peer: P): boolean {
    return this.#vain?.has(peer) === true;
  }

  /** A value came. */
  refreshed(): void {
    this.#vain?.clear();
  }

  /** An attempt failed, after a value or in vain, and what that means. */
  failed(peer: P, verdict: RetryVerdict, inVain: boolean): void {
    this.#last = peer;
    this.#stay = verdict === "retry" && this.#streak++ < this.#parts.samePeerRetries;
    if (verdict === "switch") (this.#never ??= new Set()).add(peer);
    if (inVain) (this.#vain ??= new Set()).add(peer);
    if (!this.#stay && (verdict === "retry" || inVain)) (this.#avoid ??= new Set()).add(peer);
  }
}
