import { basename } from "node:path";
import {
  asyncScheduler,
  catchError,
  defer,
  isObservable,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  take,
  throwError,
} from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { lonelyDiscovery } from "../../discovery/Discovery.js";
import { endBeforeStart, pausedBeforeStart } from "../../discovery/beforeStart.js";
import { isMetalink, parseSources, type Source, sourceText, titleOf } from "../../discovery/parseSources.js";
import { type FileSelection, selectionsShape } from "../../discovery/selectFiles.js";
import { configOf, fileShapes } from "./configOf.js";
import { downloadBy, type FileEvent } from "./downloadFile.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { chosenFiles } from "../list/chosenFiles.js";
import type { PlannedEntry } from "../list/PlannedEntry.js";
import type { PlannedFile, StopSignals } from "../list/PlannedFile.js";
import { type Means, ownMeans } from "./Means.js";
import { metalinkReading, type MetalinkFilesOptions } from "../../tools/metalinkFiles.js";
import { readMetalinkSource } from "../../tools/readMetalinkSource.js";

export interface DownloadFilesOptions extends Omit<DownloadFileOptions, "select"> {
  /** Files of a `.meta4`, by their names or their places from 1. @default all */
  readonly select?: readonly FileSelection[] | undefined;
}

/** The shapes of the options of `downloadFiles`. */
export const filesShapes: OptionShapes<DownloadFilesOptions> = {
  ...fileShapes,
  select: selectionsShape,
};

/** The download of one of several files. */
export interface FileDownload {
  /** Name of the file, as the metalink has it, never to be trusted as a path; without a metalink that of `out`, absent without one. */
  readonly name?: string;
  /** Events of the download, as of `downloadFile`. */
  readonly events: Observable<FileEvent>;
}

/**
 * All files of a `.meta4`, a download each; other sources are as for `downloadFile`, and then there is one download:
 *
 *     downloadFiles("all.meta4", { dir: "films" }).pipe(mergeAll(), concatMap(({ events }) => events))
 *
 * Emits once; nothing is downloaded before the downloads are subscribed, which may be one after the other or together. `pauseWhen` is
 * each one's own. When the metalink cannot be had, or lacks what is selected, there is one download, which fails and says so.
 *
 * Errors with a `TypeError` when the metalink turns out to name several files, and there is one name or one mirror for them all.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be.
 */
export function downloadFiles(
  sources: Source | readonly Source[],
  options: DownloadFilesOptions = {},
): Observable<readonly FileDownload[]> {
  checkOptions("downloadFiles", options, filesShapes);
  const { files: plan } = planFiles(ownMeans(), sources, options);
  const planned = (isObservable(plan) ? plan : of([plan])).pipe(
    catchError((error: unknown) => (error instanceof TypeError ? throwError(() => error) : of([failed(error)]))),
    map((files) =>
      files.map(({ name, run }) => ({ ...(name !== undefined && { name }), events: run(signalsOf(options)) })),
    ),
  );
  const paused = (options.pauseWhen ?? NEVER).pipe(
    map(() => [{ events: of(pausedBeforeStart(asyncScheduler.now())) }]),
  );
  return merge(planned, paused).pipe(take(1));
}

/**
 * The files of the sources, as `downloadFiles` has them, by means that downloads may share. Pauses are for each run to say. The reading of a Metalink errors
 * with what keeps it from being had, or with a `TypeError` when it names several files and there is one name or one mirror for them all. Of sources that are a
 * stranger's (`isForeign`), or stand in a Metalink that is, addresses in the public network alone are used.
 */
export function planFiles(
  means: Means,
  sources: Source | readonly Source[],
  { select = [], pauseWhen: _pause, discardWhen: _discard, ...options }: DownloadFilesOptions,
  isForeign = false,
): PlannedEntry {
  const given = [sources].flat().map(sourceText);
  // Also without a metalink to read: what is wrong with the words shows here and now.
  const [selection] = select;
  const only = { ...options, ...(selection !== undefined && { select: selection }) };
  downloadBy(means, given, only);
  const at = given.findIndex((source) => typeof source !== "string" || isMetalink(source));
  const metalink = given[at];
  if (metalink === undefined) {
    const own = means.ofOneFile();
    const [first] = given;
    return {
      ...(first !== undefined && { source: titleOf(first) }),
      files: {
        ...(options.out !== undefined && { name: basename(options.out) }),
        leave: own.leave,
        run: (signals) => downloadBy(own, given, { ...only, ...signals }, isForeign),
      },
    };
  }

  const { retry } = configOf(options);
  const choice = { title: titleOf(metalink), select, others: parseSources(given), place: options.out };
  const files: PlannedEntry["files"] = defer(() =>
    readMetalinkSource(metalink, { ...metalinkReading(readingOf(options)), isForeign }, lonelyDiscovery(retry)),
  ).pipe(
    chosenFiles(choice, (file) => {
      const own = means.ofOneFile();
      return {
        leave: own.leave,
        run: (signals) => downloadBy(own, given.with(at, file), { ...options, ...signals }, isForeign),
      };
    }),
  );
  return { source: titleOf(metalink), files };
}

function readingOf({ tokens, headers, ca, maxMetalinkBytes }: DownloadFileOptions): MetalinkFilesOptions {
  return { tokens, headers, ca, maxMetalinkBytes };
}

function failed(thrown: unknown): PlannedFile {
  const error = toDownloadError(thrown);
  const events = defer(() => endBeforeStart({ error }, asyncScheduler.now()));
  return { run: () => events };
}

function signalsOf({ pauseWhen, discardWhen }: DownloadFilesOptions): StopSignals {
  return { ...(pauseWhen && { pauseWhen }), ...(discardWhen && { discardWhen }) };
}
