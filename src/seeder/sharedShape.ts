import type { OptionShape } from "../../operators/checkOptions.js";
import { aFunction } from "../../operators/optionShapes.js";
import type { SharedFiles } from "./SharedFiles.js";

/** The shape of `SharedFiles`, told without their code, which few pages load. */
export const sharedShape: OptionShape = {
  must: "SharedFiles",
  fits: (value) => aFunction.fits((Object(value) as Partial<SharedFiles>).arrive),
};
