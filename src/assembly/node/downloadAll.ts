import type { Source } from "../../discovery/parseSources.js";
import { DownloadList } from "../list/DownloadList.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { type DownloadFilesOptions, planFiles } from "./downloadFiles.js";
import { sharedMeans } from "./sharedMeans.js";

/** An entry of a list: the sources of one file, or of the files of a Metalink; with options of its own, which go over those of the list. */
export type ListEntry = Source | readonly Source[] | ListEntryWithOptions;

export interface ListEntryWithOptions extends Omit<DownloadFilesOptions, keyof ListOnly> {
  readonly sources: Source | readonly Source[];
}

/** Options that are those of a list as a whole. */
type ListOnly = Pick<DownloadFileOptions, "pauseWhen" | "discardWhen" | "limitRate" | "catalogue">;

export interface DownloadAllOptions extends Omit<
  DownloadFileOptions,
  "out" | "select" | "checksum" | "peers" | "discardWhen"
> {
  /** Files that are downloaded at a time. @default 5 */
  readonly concurrency?: number;
}

const defaultConcurrency = 5;

/**
 * Downloads many files, so many at a time, each as `downloadFile` does:
 *
 *     const list = downloadAll(["https://host/a", { sources: ["https://host/b", "https://mirror/b"], out: "bee" }], { dir: "films" });
 *     list.events.subscribe((event) => ...)
 *
 * A file that is here already is passed over, and one that fails keeps no other from being tried; `list-ended`, the last event, tells how each ended. Connections, the
 * rate and what is learned of hosts are shared by all. Two files that would have the same path: the second one fails with `TARGET_EXISTS`.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; the message says of which entry.
 */
export function downloadAll(
  list: readonly ListEntry[],
  { concurrency = defaultConcurrency, pauseWhen, limitRate, catalogue, ...options }: DownloadAllOptions = {},
): DownloadList {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency is ${concurrency}; it must be a whole number of files, at least 1`);
  }
  const shared = { ...(limitRate !== undefined && { limitRate }), ...(catalogue !== undefined && { catalogue }) };
  const means = sharedMeans();
  const plans = list.map((entry, place) => {
    const { sources, ...own } = isBare(entry) ? { sources: entry } : entry;
    return named(place, () => planFiles(means, sources, { ...options, ...own, ...shared }));
  });
  return new DownloadList(plans, { concurrency, pauseWhen, around: means.whileUsed });
}

function isBare(entry: ListEntry): entry is Source | readonly Source[] {
  return typeof entry === "string" || Array.isArray(entry) || !("sources" in entry);
}

/** What cannot be of an entry is told with its place. */
function named<T>(place: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const text = `entry ${place + 1} of the list: ${error.message}`;
    throw error instanceof RangeError ? new RangeError(text) : new TypeError(text);
  }
}
