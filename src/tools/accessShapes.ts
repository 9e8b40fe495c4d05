import type { OptionShapes } from "../../operators/checkOptions.js";
import { authorityShape, headersShape, tokensShape } from "../protocol/accessShapes.js";
import type { Access } from "./httpOptions.js";

/** The shapes of what a user allows peers and mirrors. */
export const accessShapes: OptionShapes<Access> = { tokens: tokensShape, headers: headersShape, ca: authorityShape };
