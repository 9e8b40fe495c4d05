import type { AttemptContext } from "../../operators/attempt.js";
import type { RetryVerdict } from "../../operators/RetryEvent.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Peer } from "../peers/Peer.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import type { Judgement } from "./judgeFailure.js";
import type { Leg } from "./Leg.js";
import type { TransferParts } from "./TransferParts.js";

/** A leg that died, or that completed a chunk which is wrong. */
export interface Failure {
  readonly leg: Leg;
  readonly error: DownloadError;
  readonly judgement: Judgement;
}

/**
 * The legs of one chunk's current attempt, their bytes and their failures. A failure is told once: when another leg goes on, or when the
 * attempt has ended and it is known how.
 */
export class AttemptLegs {
  readonly #assembly: ChunkAssembly;
  readonly #parts: Pick<TransferParts, "emit" | "meter">;
  readonly #living = new Set<Leg>();
  #all: Leg[] = [];
  #failures: Failure[] = [];
  #untold: Failure | undefined;
  /** The furthest that the chunk ever was, when bytes came last. */
  #highest: number;

  constructor(assembly: ChunkAssembly, parts: Pick<TransferParts, "emit" | "meter">) {
    this.#assembly = assembly;
    this.#highest = assembly.highest;
    this.#parts = parts;
  }

  /** All legs of the attempt, those that are over too. */
  get all(): readonly Leg[] {
    return this.#all;
  }

  get living(): number {
    return this.#living.size;
  }

  /** Attempts so far. */
  get attempts(): number {
    return (this.#all[0]?.attempt ?? -1) + 1;
  }

  /** One more leg, at the frontier; the first of an attempt forgets those of the attempt before. */
  begin(peer: Peer, { attempt }: AttemptContext<Peer>): Leg {
    if (attempt !== this.#all[0]?.attempt) {
      this.#all = [];
      this.#failures = [];
      this.#untold = undefined;
    }
    const leg = { peer, attempt, number: this.#all.length, offset: this.#assembly.frontier, received: 0, gained: 0 };
    this.#all.push(leg);
    this.#living.add(leg);
    return leg;
  }

  /** Books bytes of a leg, of which so many were new to the chunk. */
  took(leg: Leg, bytes: number, fresh: number): void {
    leg.received += bytes;
    leg.gained += Math.max(0, this.#assembly.highest - this.#highest);
    this.#highest = this.#assembly.highest;
    this.#parts.meter.received(leg.peer.id, bytes);
    this.#parts.meter.wasted("hedge", bytes - fresh);
  }

  /** Ends a leg, whatever became of it. While others live, the attempt goes on. */
  ended(leg: Leg): void {
    this.#living.delete(leg);
    if (this.#living.size > 0) this.tell(true);
  }

  isAsking(peer: Peer): boolean {
    for (const leg of this.#living) if (leg.peer === peer) return true;
    return false;
  }

  failed(failure: Failure): void {
    this.#failures.push(failure);
    this.#untold = failure;
  }

  get lastFailure(): Failure | undefined {
    return this.#failures.at(-1);
  }

  lastWith(verdict: RetryVerdict): Failure | undefined {
    return this.#failures.findLast(({ judgement }) => judgement.verdict === verdict);
  }

  /** The failure with this very error. */
  withError(error: unknown): Failure | undefined {
    return this.#failures.findLast((each) => each.error === error);
  }

  /** Tells the last failure, unless it was told; `continued` where no retry is used. */
  tell(continued: boolean): void {
    if (this.#untold === undefined) return;
    const { leg, error, judgement } = this.#untold;
    this.#untold = undefined;
    const { attempt, number, peer, received } = leg;
    const { code } = judgement;
    const request = { chunk: this.#assembly.chunk.index, attempt, leg: number, peer: peer.id };
    const { verdict } = verdicts[code];
    this.#parts.emit({
      type: "attempt-failed",
      ...request,
      code,
      verdict,
      message: error.message,
      received,
      continued,
    });
  }
}
