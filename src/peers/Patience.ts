import type { LegWatch } from "./LegWatch.js";
import type { Peer } from "./Peer.js";
import type { PeerEntry } from "./PeerEntry.js";
import type { Roster } from "./Roster.js";
import type { SlowStart } from "./SlowStart.js";

/** How long a leg may be silent: by what its peer usually does, and by what it can do at its speed. Milliseconds; functions, for `stallGuard`. */
export class Patience {
  readonly #roster: Roster;
  readonly #watch: LegWatch;
  readonly #slowStart: SlowStart;

  constructor(roster: Roster, watch: LegWatch, slowStart: SlowStart) {
    this.#roster = roster;
    this.#watch = watch;
    this.#slowStart = slowStart;
  }

  /** What the legs before it want comes first, if the peer serves one after the other. */
  readonly firstByteMs = (peer: Peer): number => {
    const entry = this.#roster.get(peer.id);
    const aheadBytes = Math.max(0, entry.inFlight - 1) * this.#roster.config.chunkBytes;
    return entry.silence.firstByteLimitMs(this.#timeOf(aheadBytes + this.#pieceBytes(entry), entry));
  };

  /** All legs that bring something share the peer's speed. */
  readonly idleMs = (peer: Peer): number => {
    const entry = this.#roster.get(peer.id);
    return entry.silence.idleLimitMs(this.#timeOf(Math.max(1, entry.flowing) * this.#pieceBytes(entry), entry));
  };

  /** When a first byte is late enough to ask another peer too. */
  readonly slowStartMs = (): number => this.#slowStart.afterMs;

  #pieceBytes({ pieceBytes }: PeerEntry): number {
    return pieceBytes ?? this.#roster.config.chunkBytes;
  }

  #timeOf(bytes: number, { record, meter }: PeerEntry): number {
    const bytesPerSecond = record.bytesPerSecond ?? meter.roughly;
    return bytesPerSecond === undefined ? 0 : (bytes * 1000) / (bytesPerSecond * this.#watch.slowdown);
  }
}
