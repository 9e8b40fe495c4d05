import type { DiscoveryEvent } from "./DiscoveryEvent.js";

/** Shortest time between two words, and before the first, so that of what is hashed in a moment there is none, ms. */
const everyMs = 250;

/** Time and voice of a run. */
export interface HashingTeller {
  readonly clock: { now(): number };
  readonly emit: (event: DiscoveryEvent) => void;
}

/** Listener of a hash of a file, called with the bytes that it has by now: tells of them four times a second at most. */
export function tellHashing({ clock, emit }: HashingTeller, size: number): (hashed: number) => void {
  let last = clock.now();
  return (hashed) => {
    const now = clock.now();
    if (now - last < everyMs) return;
    last = now;
    emit({ type: "hashing", hashed, size });
  };
}
