/** A link that takes its part of the line. */
interface Sharer {
  /** How many want something now. */
  readonly flows: number;
  /** Bytes a second that it could carry now. */
  readonly capacity: number;
  /** Tells it the most that it may carry, bytes a second. */
  grant(bytesPerSecond: number): void;
}

/**
 * The line that all peers' bytes come through, shared max-min fairly among the uplinks that are in use: none gets more than it
 * can carry, and what a slow one leaves over is divided among the others (Bertsekas and Gallager, "Data Networks", 6.5.2).
 */
export class Downlink {
  readonly #bytesPerSecond: number;
  readonly #active = new Set<Sharer>();

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Divides anew, after the uplink has begun to carry bytes, ended, or changed. */
  share(uplink: Sharer): void {
    if (uplink.flows > 0) this.#active.add(uplink);
    else this.#active.delete(uplink);
    let left = this.#bytesPerSecond;
    let sharers = this.#active.size;
    for (const { each, capacity } of this.#slowestFirst()) {
      const part = Math.min(capacity, left / sharers--);
      left -= part;
      each.grant(part);
    }
  }

  #slowestFirst(): readonly { readonly each: Sharer; readonly capacity: number }[] {
    return Array.from(this.#active, (each) => ({ each, capacity: each.capacity })).sort(
      (a, b) => a.capacity - b.capacity,
    );
  }
}
