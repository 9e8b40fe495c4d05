import type { OptionShapes } from "../../operators/checkOptions.js";
import { authorityShape, headersShape, tokensShape } from "../protocol/accessShapes.js";
import type { AccessOptions } from "./httpOptions.js";

/** The shapes of what a user allows peers and mirrors. */
export const accessShapes: OptionShapes<AccessOptions> = {
  tokens: tokensShape,
  headers: headersShape,
  ca: authorityShape,
};
