import type { HedgeDelay } from "./HedgeDelay.js";
import type { Peer } from "./Peer.js";
import type { PeerSpeed } from "./PeerSpeed.js";
import type { PeerTable } from "./PeerTable.js";
import type { StragglerMonitor } from "./StragglerMonitor.js";

/** How long a leg may be silent: by what its peer usually does, and by what it can do at its speed. Milliseconds; functions, asked at each wait. */
export class LegTimeouts {
  readonly #table: PeerTable;
  readonly #stragglers: StragglerMonitor;
  readonly #hedgeDelay: HedgeDelay;
  readonly #chunkBytes: number;

  constructor(table: PeerTable, stragglers: StragglerMonitor, hedgeDelay: HedgeDelay, chunkBytes: number) {
    this.#table = table;
    this.#stragglers = stragglers;
    this.#hedgeDelay = hedgeDelay;
    this.#chunkBytes = chunkBytes;
  }

  /**
   * Longer behind other legs, whose bytes come first if the peer serves one after the other; and in a file that a cache fills with, behind all
   * that lies before `position`.
   */
  readonly firstByteMs = (peer: Peer, position: number): number => {
    const { speed, inFlight } = this.#table.get(peer.id);
    const aheadBytes = peer.isFilling === true ? position : Math.max(0, inFlight - 1) * this.#chunkBytes;
    return speed.timeouts.firstByteLimitMs(this.#timeOf(aheadBytes + this.#pieceBytes(speed), speed));
  };

  /** Time that a leg may be silent between two pieces, ms: all legs that bring something share the peer's speed. */
  readonly idleMs = (peer: Peer): number => {
    const { speed, flowing } = this.#table.get(peer.id);
    return speed.timeouts.idleLimitMs(this.#timeOf(Math.max(1, flowing) * this.#pieceBytes(speed), speed));
  };

  /** When a first byte is late enough to ask another peer too. */
  readonly hedgeMs = (): number => this.#hedgeDelay.ms;

  #pieceBytes({ pieceBytes = this.#chunkBytes }: PeerSpeed): number {
    return pieceBytes;
  }

  #timeOf(bytes: number, { roughly }: PeerSpeed): number {
    return roughly === undefined ? 0 : (bytes * 1000) / (roughly * this.#stragglers.slowdown);
  }
}
