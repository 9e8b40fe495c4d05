import { catchError, isObservable, throwError } from "rxjs";
import { checkOptions, checkShape, type OptionShape, type OptionShapes } from "../../../operators/checkOptions.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { PlannedEntry } from "./PlannedEntry.js";

/** Files that a list downloads at a time, where nobody says how many. */
export const defaultConcurrency = 5;

export const concurrencyShape: OptionShape = {
  must: "a whole number of files, at least 1",
  fits: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 1,
};

/** Sources of an entry are held to what they may be where they are read. */
export const anySources: OptionShape = { must: "a source, or several", fits: () => true };

/** An entry of a list with options of its own. */
interface WithSources<Source> {
  readonly sources: Source | readonly Source[];
}

/**
 * The entries of a list, each planned with its sources and the options of its own that are given.
 *
 * @throws TypeError or RangeError, for what is no list, for an option of an entry that cannot be, and as the plan does; the message says of which entry, where
 *   there are several.
 */
export function planList<Source, Entry extends WithSources<Source>, Event extends DownloadEvent>(
  list: readonly (Source | readonly Source[] | Entry)[],
  shapes: OptionShapes<Entry>,
  plan: (sources: Source | readonly Source[], own: Partial<Omit<Entry, "sources">>) => PlannedEntry<Event>,
): readonly PlannedEntry<Event>[] {
  checkShape("list", list, {
    must: "a list of sources, or of { sources, ... }",
    fits: (value) => Array.isArray(value),
  });
  const hasOptions = (entry: unknown): entry is Entry =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry) && "sources" in entry;
  return list.map((entry, place) =>
    named(list, place, () => {
      if (!hasOptions(entry)) return failingAsFile(plan(entry, {}));
      checkOptions("an entry", entry, shapes);
      const { sources, ...own } = entry;
      const given = Object.entries<unknown>(own).filter(([, value]) => value !== undefined);
      return failingAsFile(plan(sources, Object.fromEntries(given) as typeof own));
    }),
  );
}

/** A Metalink that does not fit its entry is the failure of that entry, with `DIFFERENT_FILES`. */
export function failingAsFile<Event extends DownloadEvent>({
  files,
  ...entry
}: PlannedEntry<Event>): PlannedEntry<Event> {
  if (!isObservable(files)) return { ...entry, files };
  const misfit = (error: unknown): unknown =>
    error instanceof TypeError ? new DownloadError("DIFFERENT_FILES", error.message, { cause: error }) : error;
  return { ...entry, files: files.pipe(catchError((error: unknown) => throwError(() => misfit(error)))) };
}

/** The shapes of all options but some. */
export function shapesWithout<Options, Name extends keyof Options & string>(
  shapes: OptionShapes<Options>,
  names: readonly Name[],
): OptionShapes<Omit<Options, Name>> {
  const left: ReadonlySet<string> = new Set(names);
  const others = Object.entries<OptionShape>(shapes).filter(([name]) => !left.has(name));
  return Object.fromEntries(others) as OptionShapes<Omit<Options, Name>>;
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
