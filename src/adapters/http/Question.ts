import type { Observable } from "rxjs";
import type { MirrorFacts } from "../../protocol/MirrorFacts.js";
import type { AskedRange } from "./checkPart.js";
import type { HttpAnswer } from "./HttpAnswer.js";

export interface Question {
  /** First and last byte that are asked for. @default the whole file */
  readonly range?: AskedRange;
  readonly paused?: Observable<boolean>;
  /** See `HttpRequest`. @default false */
  readonly isTransient?: boolean;
  /** True when the question is asked without the condition that the file is still the same. @default false */
  readonly isFree?: boolean;
}

export interface PartQuestion extends Question {
  readonly range: AskedRange;
}

/** The use of an answer, which has to agree with the facts that are known. */
export type Use<T> = (answer: HttpAnswer, known: MirrorFacts) => Observable<T>;
