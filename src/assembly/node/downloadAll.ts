import { resolve } from "node:path";
import { catchError, isObservable, throwError } from "rxjs";
import { checkOptions, checkShape, type OptionShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Source } from "../../discovery/parseSources.js";
import { DownloadList } from "../list/DownloadList.js";
import type { PlannedEntry } from "../list/PlannedEntry.js";
import { fileShapes } from "./configOf.js";
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

const defaultConcurrency = 5;

const listShapes: OptionShapes<DownloadAllOptions> = {
  ...without(fileShapes, ofOneFile),
  concurrency: {
    must: "a whole number of files, at least 1",
    fits: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 1,
  },
};

const entryShapes: OptionShapes<ListEntryWithOptions> = {
  ...without(filesShapes, ofTheList),
  sources: { must: "a source, or several", fits: () => true }, // each is held to what it may be where it is read
};

/**
 * Downloads many files, so many at a time, each as `downloadFile` does:
 *
 *     const list = downloadAll(["https://host/a", { sources: ["https://host/b", "https://mirror/b"], out: "bee" }], { dir: "films" });
 *     list.events.subscribe((event) => ...)
 *
 * A file that is here already is passed over, and an entry that fails, also one whose Metalink cannot be had or does not fit it, keeps no other from being tried; `list-ended`, the last event, tells how
 * each ended. Connections, the rate and what is learned of hosts are shared by all. Of two files with one path, or where one has a name beside the other's that its download takes (`.part`), one fails
 * with `TARGET_EXISTS`: an `out` comes before a name that is learned, then the place in the list counts; of learned names, which was learned first.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; the message says of which entry, where there are several.
 */
export function downloadAll(list: readonly ListEntry[], options: DownloadAllOptions = {}): DownloadList {
  checkOptions("downloadAll", options, listShapes);
  checkShape("list", list, {
    must: "a list of sources, or of { sources, ... }",
    fits: (value) => Array.isArray(value),
  });
  const { concurrency = defaultConcurrency, pauseWhen, ...shared } = options;
  const means = sharedMeans();
  const entries = list.map((entry, place) =>
    named(list, place, () => {
      const { sources, ...own } = hasOptions(entry) ? entry : { sources: entry };
      checkOptions("an entry", { sources, ...own }, entryShapes);
      const given = Object.entries<unknown>(own).filter(([, value]) => value !== undefined);
      const wishes: DownloadFilesOptions = { ...shared, ...Object.fromEntries(given) };
      const { out, dir = "." } = wishes;
      return failingAsFile(planFiles(out === undefined ? means : means.ofPlanned(resolve(dir, out)), sources, wishes));
    }),
  );
  return new DownloadList(entries, { concurrency, pauseWhen, around: means.whileUsed });
}

/** A Metalink that does not fit its entry is the failure of that entry, with `DIFFERENT_FILES`. */
export function failingAsFile({ files, ...entry }: PlannedEntry): PlannedEntry {
  if (!isObservable(files)) return { ...entry, files };
  const misfit = (error: unknown): unknown =>
    error instanceof TypeError ? new DownloadError("DIFFERENT_FILES", error.message, { cause: error }) : error;
  return { ...entry, files: files.pipe(catchError((error: unknown) => throwError(() => misfit(error)))) };
}

/** The shapes of all options but some. */
function without<Options, Name extends keyof Options & string>(
  shapes: OptionShapes<Options>,
  names: readonly Name[],
): OptionShapes<Omit<Options, Name>> {
  const left: ReadonlySet<string> = new Set(names);
  const others = Object.entries<OptionShape>(shapes).filter(([name]) => !left.has(name));
  return Object.fromEntries(others) as OptionShapes<Omit<Options, Name>>;
}

/** From JavaScript an entry may be anything. */
function hasOptions(entry: unknown): entry is ListEntryWithOptions {
  return typeof entry === "object" && entry !== null && !Array.isArray(entry) && "sources" in entry;
}

/** Makes a thing from an entry; an error about the entry is told with its place, where there are others. */
function named<T>({ length }: readonly unknown[], place: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Error) || length === 1) throw error;
    const text = `entry ${place + 1} of the list: ${error.message}`;
    throw error instanceof RangeError ? new RangeError(text) : new TypeError(text);
  }
}
