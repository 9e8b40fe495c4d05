import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { aFunction, anObservable, aSwitch, aText } from "../../../operators/optionShapes.js";
import { rtcShape } from "../../adapters/webrtc/RtcOptions.js";
import {
  type DownloadConfig,
  downloadShapes,
  resolveConfig,
  type ResolvedDownloadConfig,
} from "../../download/DownloadConfig.js";
import { selectionShape } from "../../discovery/selectFiles.js";
import { sharedShape } from "../../seeder/sharedShape.js";
import { accessShapes, checksumShape } from "../../tools/accessShapes.js";
import { maxMetalinkBytes } from "../../tools/metalinkFiles.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";

/** The shapes of what a file takes beside what any download does. */
const ownShapes: OptionShapes<Omit<DownloadFileOptions, keyof DownloadConfig>> = {
  ...accessShapes,
  out: aText("the name of a file"),
  dir: { must: "the path of a folder", fits: (value) => typeof value === "string" },
  overwrite: aSwitch,
  discovery: aSwitch,
  select: selectionShape,
  maxMetalinkBytes,
  checksum: checksumShape,
  limitRate: {
    must: "a number of bytes a second above 0",
    fits: (value) => typeof value === "number" && value > 0 && Number.isFinite(value),
  },
  discardWhen: anObservable("signals to give up"),
  exchange: aSwitch,
  peers: anObservable("lists of places"),
  findPeers: aFunction,
  shared: sharedShape,
  rtc: rtcShape,
  catalogue: {
    must: "true, false or the path of a file",
    fits: (value) => typeof value === "boolean" || (typeof value === "string" && value !== ""),
  },
};

/** The shapes of the options of `downloadFile`. */
export const fileShapes: OptionShapes<DownloadFileOptions> = { ...downloadShapes, ...ownShapes };

/**
 * The options that are those of any download, resolved; those of a file alone are held to their shapes.
 *
 * @throws TypeError or RangeError, which names the option, the value and what would be right; of secrets no value.
 */
export function configOf(options: DownloadFileOptions): ResolvedDownloadConfig {
  checkOptions("downloadFile", options, fileShapes);
  return resolveConfig(Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(ownShapes, name))));
}
