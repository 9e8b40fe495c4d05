import type { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { describeShape, isWeaker, type PastShape } from "../../protocol/AnswerShape.js";
import { type AskedPlace, Contradictions } from "./Contradictions.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import { shapeOf } from "./shapeOf.js";

/** Codes, besides that of another file, of what a mirror does not say that has just brought some of it. */
const contradicting: ReadonlySet<DownloadErrorCode> = new Set(["FILE_NOT_FOUND", "PEER_REJECTED", "PROTOCOL_ERROR"]);

interface Asked extends AskedPlace {
  readonly isOfPart: boolean;
}

/** The shape of one mirror's answers of which something was used, and the later ones that speak against them: see `Contradictions`. */
export class MirrorPast {
  readonly #id: string;
  readonly #contradictions: Contradictions;
  #shape: PastShape | undefined;
  #isConditional = true;

  constructor(id: string, renew: () => void, now: () => number) {
    this.#id = id;
    this.#contradictions = new Contradictions(id, renew, now);
  }

  /** True when the mirror is asked for a file on the condition that it is still the same. */
  get isConditional(): boolean {
    return this.#isConditional;
  }

  /** See `Contradictions`. */
  ask(place: number): number {
    return this.#contradictions.ask(place);
  }

  /** True when the mirror's last word contradicts what came before. */
  get isContradicted(): boolean {
    return this.#contradictions.isOpen;
  }

  left(question: number): void {
    this.#contradictions.left(question);
  }

  /** True when an answer, to a question for a part or for the whole, can be no more than what stands in front of the file for a time. */
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

  /** The mirror refuses whatever condition, also that which holds. */
  refusedCondition(): void {
    this.#isConditional = false;
  }

  /**
   * The error that a question fails with whose answer, or whose want of one, speaks against those before: `PEER_UNAVAILABLE`, until it was confirmed. Another
   * version, none any more, and the whole where parts came are what a mirror may say of its file, and count when they are said twice. What makes no sense
   * for a file that was here (a page, 416, 204, no trusted connection) is what stands in front of it for a time, and never counts.
   */
  contradicted(thrown: DownloadError, answer: HttpAnswer | undefined, asked: Asked): DownloadError {
    const { isOfPart } = asked;
    const isOther = thrown.code === "RESOURCE_CHANGED";
    // What a mirror claims to serve is no past: of some that claim parts, none ever comes.
    const isWhole = thrown.code === "CHUNK_NOT_AVAILABLE" && this.#shape?.ranges === true;
    const isPast = this.#shape !== undefined && (isOther || contradicting.has(thrown.code));
    if (!isWhole && !isPast) return thrown;
    const isInFront = isOther && answer?.status === 200 && this.isWeaker(answer, isOfPart);
    const text = isInFront
      ? `${this.#id} answered with ${describeShape(shapeOf(answer))} in place of its file`
      : `${thrown.message}; it is asked again`;
    const isStrong = isWhole || thrown.code === "FILE_NOT_FOUND" || (isOther && !isInFront);
    return this.#contradictions.raise(asked, { text, isStrong, cause: thrown });
  }
}
