import type { AttemptContext } from "../../operators/attempt.js";
import type { Classified } from "../../operators/retryWithPeerSwitch.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Peer } from "../peers/Peer.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import { Suspects } from "./Suspects.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";

/** A leg that brought less than this before it broke has failed. */
const realProgress = 16 * 1024;

/** One leg of a chunk, from its first to its last byte. */
export interface Leg {
  readonly peer: Peer;
  readonly attempt: number;
  /** Where it began, from the start of the chunk. */
  readonly offset: number;
  /** The furthest that the chunk had ever come before. */
  readonly highest: number;
  received: number;
}

/** Judges the legs of one chunk: which failure uses a retry, which goes on from the frontier, who is to blame. */
export class Trial {
  readonly suspects = new Suspects();
  readonly #assembly: ChunkAssembly;
  readonly #parts: TransferParts;
  readonly #config: TransferConfig;
  #leg: Leg | undefined;
  #continuations = 0;
  #askedAgain = false;

  constructor(assembly: ChunkAssembly, parts: TransferParts, config: TransferConfig) {
    this.#assembly = assembly;
    this.#parts = parts;
    this.#config = config;
  }

  get leg(): Leg | undefined {
    return this.#leg;
  }

  /** A leg begins at the frontier, without bytes that are known to be wrong or come from peers that have been found out. */
  begin(peer: Peer, { attempt }: AttemptContext<Peer>): Leg {
    const found = Object.keys(this.#assembly.peers).some((id) => this.#parts.pool.isQuarantined(id));
    if (found || this.#assembly.isWhole) this.#startOver();
    const { frontier: offset, highest } = this.#assembly;
    this.#leg = { peer, attempt, offset, highest, received: 0 };
    return this.#leg;
  }

  /** Whether the leg brought the chunk further than it ever was, by enough to be no failure. Bytes fetched again do not count. */
  progressed({ offset, highest }: Leg): boolean {
    if (!this.#config.continues) return false;
    const gained = this.#assembly.highest - Math.max(offset, highest);
    return gained >= realProgress || (gained > 0 && this.#assembly.isWhole);
  }

  classify(thrown: unknown): Classified {
    const error = toDownloadError(thrown);
    const { verdict, blame } = verdicts[error.code];
    if (this.#config.strict && verdict !== "retry") return { verdict: "fail" };
    if (error.code === "CHECKSUM_MISMATCH") return this.#mismatch(error);
    const goesOn = this.#leg !== undefined && this.progressed(this.#leg);
    // The machine slept or has no network: nobody's failure, and nothing to wait for here.
    if (error.code === "NETWORK_DOWN") return { verdict: "continue", progressed: goesOn };
    if (verdict === "retry" && goesOn) {
      return { verdict: "continue", progressed: true, notBeforeMs: this.#continuationDelay() };
    }
    // A busy peer, and one that lacks the chunk now, may be asked again: the pool knows when.
    return { verdict: blame === "busy" || blame === "missing" ? "continue" : verdict };
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
    this.#parts.pool.quarantine(first.peer, error);
    return { verdict: "switch" };
  }

  #startOver(): void {
    this.#parts.meter.wasted("checksum", this.#assembly.restart());
  }

  #continuationDelay(): number {
    return this.#continuations++ === 0 ? 0 : this.#config.continuationDelayMs;
  }
}
