import type { PeerRow } from "../../../src/index.js";

/** How far back a rate looks, ms. */
const windowMs = 5000;

/** Bytes that each peer brought a second of late, by what they had brought when: chunks count once they are verified. */
export class PeerRates {
  readonly #samples: { readonly at: number; readonly bytes: ReadonlyMap<string, number> }[] = [];

  /** Takes in the peers at a time, ms; one that was taken already changes nothing. */
  take(at: number, peers: readonly PeerRow[]): void {
    if (at <= (this.#samples.at(-1)?.at ?? -1)) return;
    this.#samples.push({ at, bytes: new Map(peers.map(({ id, bytes }) => [id, bytes])) });
    while ((this.#samples[1]?.at ?? Infinity) <= at - windowMs) this.#samples.shift();
  }

  /** Bytes a second of a peer; 0 before anything is known. */
  of(peer: string): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || first === last) return 0;
    const brought = (last.bytes.get(peer) ?? 0) - (first.bytes.get(peer) ?? 0);
    return Math.max(0, (brought * 1000) / (last.at - first.at));
  }
}
