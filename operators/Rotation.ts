import type { RetryVerdict } from "./RetryEvent.js";
import type { RetryWithPeerSwitchConfig } from "./RetryWithPeerSwitchConfig.js";
import type { Lookup } from "./selectPeer.js";

type Select<P> = NonNullable<RetryWithPeerSwitchConfig<P>["select"]>;

const nobody: Lookup<unknown> = { has: () => false };

/** The turns of peers: who can be asked, who had a turn in this round, who may have none any more. Sets are made when first needed. */
export class Rotation<P> {
  candidates: Iterable<P> = [];
  readonly #select: Select<P>;
  readonly #samePeerRetries: number;
  #last: P | undefined;
  #stay = true;
  /** Retries in a row on the peer asked last. */
  #streak = 0;
  #never: Set<P> | undefined;
  #avoid: Set<P> | undefined;
  /** Peers that failed since the last value. */
  #vain: Set<P> | undefined;

  constructor(select: Select<P>, samePeerRetries: number) {
    this.#select = select;
    this.#samePeerRetries = samePeerRetries;
  }

  /** The peer to be asked now, if any can be. */
  next(): P | undefined {
    const last = this.#last;
    const avoid = this.#avoid ?? nobody;
    const passedOver =
      this.#stay || last === undefined ? avoid : { has: (peer: P) => peer === last || avoid.has(peer) };
    return this.#select(this.candidates, { last, stay: this.#stay, avoid: passedOver, never: this.#never ?? nobody });
  }

  /** A peer beside the `peer` that is being asked, and those `named` already. */
  other(peer: P, named: Lookup<P>): P | undefined {
    const never = { has: (each: P) => named.has(each) || this.#never?.has(each) === true };
    return this.#select(this.candidates, { last: peer, stay: false, avoid: this.#avoid ?? nobody, never });
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
    this.#stay = verdict === "retry" && this.#streak++ < this.#samePeerRetries;
    if (verdict === "switch") (this.#never ??= new Set()).add(peer);
    if (inVain) (this.#vain ??= new Set()).add(peer);
    if (!this.#stay && (verdict === "retry" || inVain)) (this.#avoid ??= new Set()).add(peer);
  }
}
