import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { type FileSelection, selectionsShape } from "../../discovery/selectFiles.js";
import { DownloadList } from "../list/DownloadList.js";
import { anySources, concurrencyShape, defaultConcurrency, planList, shapesWithout } from "../list/planList.js";
import { type DownloadToOpfsOptions, type OpfsEvent, opfsRuns, opfsShapes } from "./downloadToOpfs.js";
import type { PageSource } from "./pageSources.js";
import { planPageFiles } from "./planPageFiles.js";

/** An entry of a list: the sources of one file, or of the files of a Metalink; with options of its own, which go over those of the list. */
export type OpfsListEntry = PageSource | readonly PageSource[] | OpfsListEntryWithOptions;

export interface OpfsListEntryWithOptions extends Omit<DownloadToOpfsOptions, "select" | "pauseWhen" | "discardWhen"> {
  /** Addresses of the file, or a Metalink. */
  readonly sources: PageSource | readonly PageSource[];
  /** Files of a Metalink, by their names or their places from 1. @default all */
  readonly select?: readonly FileSelection[] | undefined;
}

export interface DownloadAllToOpfsOptions extends Omit<
  DownloadToOpfsOptions,
  "name" | "to" | "select" | "checksum" | "peers" | "discardWhen"
> {
  /** Files that are downloaded at a time. @default 5 */
  readonly concurrency?: number | undefined;
}

// Made at the call: a page without lists does not load them.
const listShapes = (): OptionShapes<DownloadAllToOpfsOptions> => ({
  ...shapesWithout(opfsShapes, ["name", "to", "select", "checksum", "peers", "discardWhen"]),
  concurrency: concurrencyShape,
});

const entryShapes = (): OptionShapes<OpfsListEntryWithOptions> => ({
  ...shapesWithout(opfsShapes, ["pauseWhen", "discardWhen"]),
  select: selectionsShape,
  sources: anySources,
});

/**
 * Downloads many files onto the browser's disk, so many at a time, each as `downloadToOpfs` does; `outcomes` of `list-ended`, the last event, have the `blob`,
 * which is the file there, and `name` of each. An entry that fails, also one whose Metalink cannot be had, keeps no other from being tried. Of two files of one
 * name the second fails, with `LOCKED` or `TARGET_EXISTS`; one that is here already completes at once.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; the message says of which entry, where there are several.
 */
export function downloadAllToOpfs(
  list: readonly OpfsListEntry[],
  options: DownloadAllToOpfsOptions = {},
): DownloadList<OpfsEvent> {
  checkOptions("downloadAllToOpfs", options, listShapes());
  const { concurrency = defaultConcurrency, pauseWhen, ...shared } = options;
  const entries = planList<PageSource, OpfsListEntryWithOptions, OpfsEvent>(list, entryShapes(), (sources, entry) => {
    const { select, ...own } = entry;
    const wishes: DownloadToOpfsOptions = { ...shared, ...own };
    const { name, to } = wishes;
    return planPageFiles(sources, wishes, { select, place: name ?? to?.name, runs: opfsRuns });
  });
  return new DownloadList<OpfsEvent>(entries, { concurrency, pauseWhen });
}
