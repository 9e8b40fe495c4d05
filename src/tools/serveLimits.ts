import type { OptionShapes } from "../../operators/checkOptions.js";
import { aNumber } from "../../operators/optionShapes.js";

/** The end of the serving of what was downloaded. */
export interface ServeLimits {
  /** Serving ends, after the downloads, when the bytes served are so many times those of the files; 0 with the downloads. @default no limit */
  readonly ratio?: number | undefined;
  /** Minutes after the downloads at which serving ends, 0 with them. @default no limit */
  readonly minutes?: number | undefined;
}

const longestMinutes = 35_000;

export const serveLimitShapes: OptionShapes<ServeLimits> = {
  ratio: aNumber(0, Number.MAX_VALUE, "a number, at least 0"),
  minutes: aNumber(0, longestMinutes),
};
