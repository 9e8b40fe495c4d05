import { catchError, defer, map, type Observable, switchMap, throwError } from "rxjs";
import { isMetalink, sourceText, titleOf } from "../../discovery/parseSources.js";
import type { FileSelection } from "../../discovery/selectFiles.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { resolveRetryConfig } from "../../download/RetryConfig.js";
import { notLoaded } from "../../errors/notLoaded.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";
import { chosenFiles } from "../list/chosenFiles.js";
import type { PlannedEntry } from "../list/PlannedEntry.js";
import type { PlannedFile } from "../list/PlannedFile.js";
import type { PageDownloadOptions } from "./PageDownloadOptions.js";
import { type PageSource, type PageSources, parsePageSources } from "./pageSources.js";

/** Words on the files of an entry, and how each is downloaded. */
export interface PageFiles<Options, Event extends DownloadEvent> {
  /** Files of a Metalink that are wanted. @default all */
  readonly select: readonly FileSelection[] | undefined;
  /** Name or place that one file can have. */
  readonly place: string | undefined;
  /** Makes the runs of one download. */
  readonly runs: (sources: readonly PageSource[], options: Options) => PlannedFile<Event>["run"];
}

/**
 * The files of the sources in a page; the reading of a Metalink errors with what keeps it from being had, or as `chosenFiles` does.
 *
 * @throws TypeError or RangeError, for a source or an option that cannot be.
 */
export function planPageFiles<Options extends PageDownloadOptions, Event extends DownloadEvent>(
  sources: PageSource | readonly PageSource[],
  options: Options,
  { select = [], place, runs }: PageFiles<Options, Event>,
): PlannedEntry<Event> {
  const given = [sources].flat();
  const [selection] = select;
  // Also without a Metalink to read: what is wrong with the words shows here and now.
  const run = runs(given, { ...options, ...(selection !== undefined && { select: selection }) });
  const parsed = parsePageSources(given);
  const { metalink, mirrors, places } = parsed.sources;
  if (metalink === undefined) {
    const [first] = [...mirrors, ...places];
    return {
      ...(first !== undefined && { source: titleOf(first) }),
      files: { ...(place !== undefined && { name: place }), run },
    };
  }
  const title = titleOf(metalink);
  const at = given.findIndex(isDocument);
  const plan = (file: MetalinkFile) => ({ run: runs(given.with(at, file), options) });
  const files = reading(parsed, options).pipe(
    chosenFiles<Event>({ title, select, others: parsed.sources, place }, plan),
  );
  return { source: title, files };
}

function isDocument(source: PageSource): boolean {
  if (source instanceof Blob) return true;
  const text = sourceText(source);
  return typeof text !== "string" || isMetalink(text);
}

/** Loaded when there is a Metalink to read. */
function reading(given: PageSources, options: PageDownloadOptions): Observable<readonly MetalinkFile[]> {
  return defer(() => import("./assemblePage.js")).pipe(
    catchError((thrown: unknown) => throwError(() => notLoaded("downloads", thrown))),
    map(({ readListedMetalink }) => readListedMetalink(given, options, resolveRetryConfig(options.retry))),
    switchMap((files) => files),
  );
}
