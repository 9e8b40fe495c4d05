import { DownloadError } from "../../errors/DownloadError.js";

/** An answer that is not of the file which the same mirror had before. */
export interface Contradiction {
  readonly text: string;
  /** True when the answer is at least as strong as those that it contradicts; a weaker one never takes their place. */
  readonly isStrong: boolean;
  readonly cause: DownloadError;
}

/** A question, by its number, for what begins at a place in the file. */
export interface AskedPlace {
  readonly number: number;
  readonly place: number;
}

/** A contradiction may be asked about by whoever waited as a retry does: by any question, after so long. */
const waitMs = 1000;

/** A contradiction that stands, and what was asked when it was heard. */
interface Open extends Contradiction {
  readonly error: DownloadError;
  /** The last question that was asked by then. */
  readonly at: number;
  readonly sinceMs: number;
  /** The places in the file that were asked for in vain: who asks for one of them again has waited. */
  readonly places: Set<number>;
}

/**
 * The answers of one mirror that contradict its own past. The mirror is asked again, after the wait of a retry and over another connection, before
 * that costs it its place: it counts only when a strong answer says the same to a question that was asked after another one had said so. All questions that
 * were under way when the contradiction was heard fail of one error, and so count as one failure; while one asks again, the others fail of it, too, unasked.
 */
export class Contradictions {
  readonly #peer: string;
  readonly #renew: () => void;
  readonly #now: () => number;
  #questions = 0;
  #open: Open | undefined;
  /** The question that asks again. */
  #again: number | undefined;

  /** `now` is the clock of the waits, ms. */
  constructor(peer: string, renew: () => void, now: () => number) {
    this.#peer = peer;
    this.#renew = renew;
    this.#now = now;
  }

  /** True when the mirror's last word contradicts what came before. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /**
   * The number of the question that is asked now, for what begins at a place in the file; it ends with `left`. Throws the open contradiction where
   * another question asks again already, or nobody has waited.
   */
  ask(place: number): number {
    const open = this.#open;
    if (open !== undefined && (this.#again !== undefined || !this.#hasWaited(open, place))) throw open.error;
    this.#questions += 1;
    if (this.#open !== undefined) this.#again = this.#questions;
    return this.#questions;
  }

  /** A question has its answer, or wants none any more. */
  left(question: number): void {
    if (this.#again === question) this.#again = undefined;
  }

  /** The error that a question fails with whose answer contradicts. */
  raise({ number: question, place }: AskedPlace, said: Contradiction): DownloadError {
    const { text, isStrong, cause } = said;
    const before = this.#open;
    if (before !== undefined && question <= before.at && !(isStrong && !before.isStrong)) {
      before.places.add(place);
      return before.error;
    }
    const isSaidAgain = before !== undefined && question > before.at && before.cause.code === cause.code;
    if (isSaidAgain && before.isStrong && isStrong) return cause;
    const error = new DownloadError("PEER_UNAVAILABLE", text, { peer: this.#peer, cause });
    this.#open = { ...said, error, at: this.#questions, sinceMs: this.#now(), places: new Set([place]) };
    this.#renew();
    return error;
  }

  #hasWaited({ places, sinceMs }: Open, place: number): boolean {
    return places.has(place) || this.#now() - sinceMs >= waitMs;
  }

  /** The answer to a question is of the file as it was. */
  settle(question: number): void {
    if (this.#open !== undefined && question > this.#open.at) this.#open = undefined;
  }
}
