import { resolve } from "node:path";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import type { Source } from "../../discovery/parseSources.js";
import { DownloadList } from "../list/DownloadList.js";
import { anySources, concurrencyShape, defaultConcurrency, planList, shapesWithout } from "../list/planList.js";
import { fileShapes } from "./configOf.js";
import type { FileEvent } from "./downloadFile.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { type DownloadFilesOptions, filesShapes, planFiles } from "./downloadFiles.js";
import { sharedMeans } from "./sharedMeans.js";

/** An entry of a list: the sources of one file, or of the files of a Metalink; with options of its own, which go over those of the list. */
export type ListEntry = Source | readonly Source[] | ListEntryWithOptions;

export interface ListEntryWithOptions extends Omit<
  DownloadFilesOptions,
  "pauseWhen" | "discardWhen" | "limitRate" | "catalogue"
> {
  /** Addresses of the file, or a Metalink. */
  readonly sources: Source | readonly Source[];
}

/** Options that a list has as a whole, and none of its entries. */
const ofTheList = ["pauseWhen", "discardWhen", "limitRate", "catalogue"] as const;

/** Options that one file has, and no list. */
const ofOneFile = ["out", "select", "checksum", "peers", "discardWhen"] as const;

export interface DownloadAllOptions extends Omit<
  DownloadFileOptions,
  "out" | "select" | "checksum" | "peers" | "discardWhen"
> {
  /** Files that are downloaded at a time. @default 5 */
  readonly concurrency?: number | undefined;
}

const listShapes: OptionShapes<DownloadAllOptions> = {
  ...shapesWithout(fileShapes, ofOneFile),
  concurrency: concurrencyShape,
};

const entryShapes: OptionShapes<ListEntryWithOptions> = {
  ...shapesWithout(filesShapes, ofTheList),
  sources: anySources,
};

/**
 * Downloads many files, so many at a time, each as `downloadFile` does:
 *
 *     const list = downloadAll(["https://host/a", { sources: ["https://host/b", "https://mirror/b"], out: "bee" }], { dir: "films" });
 *     list.events.subscribe((event) => ...)
 *
 * A file that is here already is passed over, and an entry that fails, also one whose Metalink cannot be had or does not fit it, keeps no other from being
 * tried; `list-ended`, the last event, tells how each ended. Connections, the rate and what is learned of hosts are shared by all. Of two files with one path,
 * or where one has a name beside the other's that its download takes (`.part`), one fails with `TARGET_EXISTS`: an `out` comes before a name that is learned,
 * then the place in the list counts; of learned names, which was learned first.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; the message says of which entry, where there are several.
 */
export function downloadAll(list: readonly ListEntry[], options: DownloadAllOptions = {}): DownloadList {
  checkOptions("downloadAll", options, listShapes);
  const { concurrency = defaultConcurrency, pauseWhen, ...shared } = options;
  const means = sharedMeans();
  const entries = planList<Source, ListEntryWithOptions, FileEvent>(list, entryShapes, (sources, own) => {
    const wishes: DownloadFilesOptions = { ...shared, ...own };
    const { out, dir = "." } = wishes;
    return planFiles(out === undefined ? means : means.ofPlanned(resolve(dir, out)), sources, wishes);
  });
  return new DownloadList(entries, { concurrency, pauseWhen, around: means.whileUsed });
}
