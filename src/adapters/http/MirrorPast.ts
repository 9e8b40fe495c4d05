import { DownloadError } from "../../errors/DownloadError.js";
import { describeShape, isWeaker, type PastShape } from "../../protocol/AnswerShape.js";
import { Contradictions } from "./Contradictions.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import { shapeOf } from "./shapeOf.js";

interface Asked {
  /** The number of the question. */
  readonly number: number;
  readonly isOfPart: boolean;
}

/** The shape of one mirror's answers of which something was used, and the later ones that speak against them: see `Contradictions`. */
export class MirrorPast {
  readonly #id: string;
  readonly #contradictions: Contradictions;
  #shape: PastShape | undefined;
  #isConditional = true;

  constructor(id: string, renew: () => void) {
    this.#id = id;
    this.#contradictions = new Contradictions(id, renew);
  }

  /** Whether the mirror is asked for a file on the condition that it is still the same. */
  get isConditional(): boolean {
    return this.#isConditional;
  }

  /** See `Contradictions`. */
  ask(): number {
    return this.#contradictions.ask();
  }

  /** Whether the last word contradicts what came before. */
  get isContradicted(): boolean {
    return this.#contradictions.isOpen;
  }

  left(question: number): void {
    this.#contradictions.left(question);
  }

  /** Whether an answer, to a question for a part or for the whole, can be no more than what stands in front of the file for a time. */
  isWeaker(answer: HttpAnswer, isOfPart: boolean): boolean {
    if (this.#shape === undefined) return false;
    return isWeaker(shapeOf(answer), { ...this.#shape, ranges: this.#shape.ranges && isOfPart });
  }

  /** An answer of which something is used: later ones are held to it. */
  agrees(question: number, answer: HttpAnswer): void {
    const { ranges, size, type } = shapeOf(answer);
    const { ranges: hadRanges = false, isSized = false } = this.#shape ?? {};
    this.#shape = { ranges: ranges || hadRanges, isSized: isSized || size !== undefined, type };
    this.#contradictions.settle(question);
  }

  /** The error that a question fails with: another one for what is said of another file by a mirror that has shown one before. */
  contradicted(thrown: unknown, answer: HttpAnswer | undefined, { number, isOfPart }: Asked): unknown {
    const isOther = thrown instanceof DownloadError && thrown.code === "RESOURCE_CHANGED";
    if (!isOther || answer === undefined || this.#shape === undefined) return thrown;
    // A server that refuses whatever condition says nothing of the file: without one it tells what it has.
    if (answer.status === 412) this.#isConditional = false;
    const isWeak = answer.status === 200 && this.isWeaker(answer, isOfPart);
    const text = isWeak
      ? `${this.#id} answered with ${describeShape(shapeOf(answer))} in place of its file`
      : `${thrown.message}; it is asked again`;
    return this.#contradictions.raise(number, { text, isStrong: !isWeak, cause: thrown });
  }
}
