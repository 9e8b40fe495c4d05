import type { OptionShape, OptionShapes } from "../../operators/checkOptions.js";
import { authorityShape, headersShape, tokensShape } from "../protocol/accessShapes.js";
import type { AccessOptions } from "./httpOptions.js";

/** The shapes of what a user allows peers and mirrors. */
export const accessShapes: OptionShapes<AccessOptions> = {
  tokens: tokensShape,
  headers: headersShape,
  ca: authorityShape,
};

/** A digest as text, or the address of a list of them. */
export const checksumShape: OptionShape = {
  must: "text such as sha-256= and hex digits, or the address of a list of them",
  fits: (value) => typeof value === "string" || value instanceof URL,
};
