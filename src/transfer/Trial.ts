import type { AttemptContext } from "../../operators/attempt.js";
import type { RetryVerdict } from "../../operators/RetryEvent.js";
import type { Classified } from "../../operators/retryWithPeerSwitch.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Peer } from "../peers/Peer.js";
import type { ChunkAssembly, Piece } from "./ChunkAssembly.js";
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
  /** Legs of this attempt. */
  #legs: Leg[] = [];
  /** Died last, and not told yet. */
  #dead: DeadLeg | undefined;
  #continuations = 0;
  #askedAgain = false;

  constructor(assembly: ChunkAssembly, parts: TransferParts, config: TransferConfig) {
    this.#assembly = assembly;
    this.#parts = parts;
    this.#config = config;
  }

  /** A leg begins at the frontier, without bytes that are known to be wrong or come from peers that have been found out. */
  begin(peer: Peer, { attempt }: AttemptContext<Peer>): Leg {
    if (attempt !== this.#attempt) {
      this.#legs = [];
      this.#dead = undefined;
    }
    this.#attempt = attempt;
    if (this.#living.size === 0 && this.#isSpoilt()) this.#startOver();
    const leg = { peer, attempt, number: this.#legs.length, offset: this.#assembly.frontier, received: 0, gained: 0 };
    this.#legs.push(leg);
    this.#living.add(leg);
    return leg;
  }

  /** Takes what a leg brought next. */
  accept(leg: Leg, bytes: Uint8Array): Piece {
    const { highest } = this.#assembly;
    const piece = this.#assembly.accept(leg.peer.id, leg.offset + leg.received, bytes);
    leg.received += bytes.length;
    leg.gained += this.#assembly.highest - highest;
    this.#parts.meter.received(leg.peer.id, bytes.length);
    this.#parts.meter.wasted("hedge", bytes.length - piece.bytes.length);
    return piece;
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
    this.#dead = { leg, error: toDownloadError(thrown) };
    if (othersLive) this.replaced();
  }

  /** Whether the leg that died last got the chunk further. */
  get diedAfterProgress(): boolean {
    return this.#dead !== undefined && this.progressed(this.#dead.leg);
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
    if (verdict === "retry" && this.#legs.some((leg) => this.progressed(leg))) {
      return { verdict: "continue", progressed: true, notBeforeMs: this.#continuationDelay() };
    }
    // A busy peer, and one that lacks the chunk now, may be asked again: the pool knows when.
    return { verdict: blame === "busy" || blame === "missing" ? "continue" : this.#ofOne(verdict) };
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
