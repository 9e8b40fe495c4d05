import { DownloadError } from "../../errors/DownloadError.js";

/** An answer that is not of the file which the same mirror had before. */
export interface Contradiction {
  readonly text: string;
  /** Whether it is at least as strong as the answers that it contradicts; one that is weaker never takes their place. */
  readonly isStrong: boolean;
  readonly cause: DownloadError;
}

/**
 * The answers of one mirror that contradict its own past. The mirror is asked again, after the wait of a retry and over another connection, before
 * that costs it its place: it counts only when a strong answer says the same to a question that was asked after another one had said so. All questions that
 * were under way when the contradiction was heard fail of one error, and so count as one failure; while one asks again, the others fail of it, too, unasked.
 */
export class Contradictions {
  readonly #peer: string;
  readonly #renew: () => void;
  #questions = 0;
  #open: (Contradiction & { readonly error: DownloadError; readonly at: number }) | undefined;
  /** The question that asks again. */
  #again: number | undefined;

  constructor(peer: string, renew: () => void) {
    this.#peer = peer;
    this.#renew = renew;
  }

  /** Whether the last word contradicts what came before. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The number of the question that is asked now; it ends with `left`. Throws the open contradiction where another question asks again already. */
  ask(): number {
    if (this.#open !== undefined && this.#again !== undefined) throw this.#open.error;
    this.#questions += 1;
    if (this.#open !== undefined) this.#again = this.#questions;
    return this.#questions;
  }

  /** A question has its answer, or wants none any more. */
  left(question: number): void {
    if (this.#again === question) this.#again = undefined;
  }

  /** The error that a question fails with whose answer contradicts. */
  raise(question: number, said: Contradiction): DownloadError {
    const { text, isStrong, cause } = said;
    const before = this.#open;
    if (before !== undefined && question <= before.at && !(isStrong && !before.isStrong)) return before.error;
    const isSaidAgain = before !== undefined && question > before.at && before.cause.code === cause.code;
    if (isSaidAgain && before.isStrong && isStrong) return cause;
    const error = new DownloadError("PEER_UNAVAILABLE", text, { peer: this.#peer, cause });
    this.#open = { ...said, error, at: this.#questions };
    this.#renew();
    return error;
  }

  /** The answer to a question is of the file as it was. */
  settle(question: number): void {
    if (this.#open !== undefined && question > this.#open.at) this.#open = undefined;
  }
}
