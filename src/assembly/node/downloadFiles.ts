import { asyncScheduler, catchError, concat, map, merge, NEVER, type Observable, of, take, throwError } from "rxjs";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { lonelyDiscovery } from "../../discovery/Discovery.js";
import { failedBeforeStart, pausedBeforeStart } from "../../discovery/beforeStart.js";
import {
  isMetalink,
  parseSources,
  type Source,
  type Sources,
  sourceText,
  titleOf,
} from "../../discovery/parseSources.js";
import { type FileSelection, selectFiles } from "../../discovery/selectFiles.js";
import { checkOptionsOfSeveral, configOf } from "./configOf.js";
import { downloadFile, type FileEvent } from "./downloadFile.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import { metalinkReading, type MetalinkFilesOptions } from "../../tools/metalinkFiles.js";
import { readMetalinkSource } from "../../tools/readMetalinkSource.js";

export interface DownloadFilesOptions extends Omit<DownloadFileOptions, "select"> {
  /** Files of a `.meta4`, by their names or their places from 1. @default all */
  readonly select?: readonly FileSelection[] | undefined;
}

/** The download of one of several files. */
export interface FileDownload {
  /** As the metalink has it, never to be trusted as a path; absent without a metalink. */
  readonly name?: string;
  /** As of `downloadFile`. */
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
  given: DownloadFilesOptions = {},
): Observable<readonly FileDownload[]> {
  checkOptionsOfSeveral(given);
  const { select = [], ...options } = given;
  const all = [sources].flat().map(sourceText);
  // Also without a metalink to read: what is wrong with the words shows here and now.
  const [selection] = select;
  const events = downloadFile(all, { ...options, ...(selection !== undefined && { select: selection }) });
  const at = all.findIndex((source) => typeof source !== "string" || isMetalink(source));
  const metalink = all[at];
  if (metalink === undefined) return of([{ events }]);

  const { retry } = configOf(options);
  const planned = readMetalinkSource(metalink, metalinkReading(readingOf(options)), lonelyDiscovery(retry)).pipe(
    map((files) => selectFiles(files, select)),
    catchError((error: unknown) => of(failed(error))),
    map((files) => {
      if ("events" in files) return [files];
      if (files.length > 1)
        checkForSeveral(`${titleOf(metalink)} names ${files.length} files`, parseSources(all), options);
      return files.map((file) => ({ name: file.name, events: downloadFile(all.with(at, file), options) }));
    }),
  );
  const paused = (options.pauseWhen ?? NEVER).pipe(
    map(() => [{ events: of(pausedBeforeStart(asyncScheduler.now())) }]),
  );
  return merge(planned, paused).pipe(take(1));
}

function readingOf({ tokens, headers, ca, maxMetalinkBytes }: DownloadFileOptions): MetalinkFilesOptions {
  return { tokens, headers, ca, maxMetalinkBytes };
}

/** @throws TypeError */
function checkForSeveral(several: string, { root, mirrors }: Sources, { out }: DownloadFileOptions): void {
  if (out !== undefined)
    throw new TypeError(`${several}, and ${out} can be the name of one; select it, or give a folder`);
  if (root !== undefined || mirrors.length > 0) {
    throw new TypeError(`${several}, and the other sources are of one; select it, or leave them out`);
  }
}

function failed(thrown: unknown): FileDownload {
  const error = toDownloadError(thrown);
  return {
    events: concat(
      of(failedBeforeStart(error, asyncScheduler.now())),
      throwError(() => error),
    ),
  };
}
