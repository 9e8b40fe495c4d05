import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { type FileSelection, selectionsShape } from "../../discovery/selectFiles.js";
import { DownloadList } from "../list/DownloadList.js";
import { anySources, concurrencyShape, defaultConcurrency, planList, shapesWithout } from "../list/planList.js";
import { type BlobEvent, blobRuns, blobShapes, type DownloadToBlobOptions } from "./downloadToBlob.js";
import type { PageSource } from "./pageSources.js";
import { planPageFiles } from "./planPageFiles.js";

/** An entry of a list: the sources of one file, or of the files of a Metalink; with options of its own, which go over those of the list. */
export type BlobListEntry = PageSource | readonly PageSource[] | BlobListEntryWithOptions;

export interface BlobListEntryWithOptions extends Omit<DownloadToBlobOptions, "select" | "pauseWhen" | "discardWhen"> {
  /** Addresses of the file, or a Metalink. */
  readonly sources: PageSource | readonly PageSource[];
  /** Files of a Metalink, by their names or their places from 1. @default all */
  readonly select?: readonly FileSelection[] | undefined;
}

export interface DownloadAllToBlobsOptions extends Omit<
  DownloadToBlobOptions,
  "select" | "checksum" | "peers" | "discardWhen"
> {
  /** Files that are downloaded at a time. @default 5 */
  readonly concurrency?: number | undefined;
}

// Made at the call: a page without lists does not load them.
const listShapes = (): OptionShapes<DownloadAllToBlobsOptions> => ({
  ...shapesWithout(blobShapes, ["select", "checksum", "peers", "discardWhen"]),
  concurrency: concurrencyShape,
});

const entryShapes = (): OptionShapes<BlobListEntryWithOptions> => ({
  ...shapesWithout(blobShapes, ["pauseWhen", "discardWhen"]),
  select: selectionsShape,
  sources: anySources,
});

/**
 * Downloads many files into memory, so many at a time, each as `downloadToBlob` does; `outcomes` of `list-ended`, the last event, have the `blob` and `name` of
 * each. An entry that fails, also one whose Metalink cannot be had, keeps no other from being tried. A file that was paused, or cancelled and kept, goes on
 * with what is in memory when it is tried again.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; the message says of which entry, where there are several.
 */
export function downloadAllToBlobs(
  list: readonly BlobListEntry[],
  options: DownloadAllToBlobsOptions = {},
): DownloadList<BlobEvent> {
  checkOptions("downloadAllToBlobs", options, listShapes());
  const { concurrency = defaultConcurrency, pauseWhen, ...shared } = options;
  const entries = planList<PageSource, BlobListEntryWithOptions, BlobEvent>(list, entryShapes(), (sources, entry) => {
    const { select, ...own } = entry;
    const wishes: DownloadToBlobOptions = { ...shared, ...own };
    return planPageFiles(sources, wishes, { select, place: undefined, runs: blobRuns });
  });
  return new DownloadList<BlobEvent>(entries, { concurrency, pauseWhen });
}
