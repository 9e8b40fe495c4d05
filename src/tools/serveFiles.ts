import {
  BehaviorSubject,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  switchMap,
  throwError,
} from "rxjs";
import { checkOptions, checkShape } from "../../operators/checkOptions.js";
import { aText } from "../../operators/optionShapes.js";
import { fileSource, type FileSource } from "../adapters/node/fileSource.js";
import { type ServerEvent, serveWebSocket } from "../adapters/websocket/serveWebSocket.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { AnnouncedEvent } from "../seeder/Announcer.js";
import { createSeeder } from "../seeder/createSeeder.js";
import { collectFiles, type FoundFile } from "./collectFiles.js";
import { placeAndLimits, type ServeFilesOptions, serveShapes } from "./serveOptions.js";

/** One more file can be had at `link`, or cannot be had; or something happened on the server. */
export type ServeEvent =
  /** A file has been hashed and can be had. */
  | {
      readonly type: "file-served";
      /** Path of the file, as it was given or found. */
      readonly path: string;
      /** Address for `get`: `ws://host:port/ROOT`, at the `url` of `listening`. */
      readonly link: string;
      /** Manifest of the file. */
      readonly manifest: Manifest;
    }
  /** A file was found in a folder and cannot be read; the others are served. */
  | {
      readonly type: "file-skipped";
      readonly path: string;
      /** Words for people. */
      readonly message: string;
    }
  | AnnouncedEvent
  | ServerEvent;

/**
 * Serves files, and all files in folders, until it is unsubscribed. Each is hashed first, one after the other, and has an event with its link when it can be
 * had. Links in folders, hidden files and what downloads leave (`x.part`, `x.part.json.damaged` and the like) are left out; what is found in a folder and
 * cannot be read is skipped.
 *
 * Unsubscribing closes the server, all connections and all files. Errors with `FILE_NOT_FOUND` when a path does not exist
 * or a folder has no file, `LOCAL_IO` when a path cannot be read, when no file is left, or when the port cannot be had.
 *
 * @throws TypeError at the call when a path is empty, when only one of `cert` and `key` is given or they cannot be used, when no client could bring
 * the token, or when an origin is none; RangeError that names a wrong limit.
 */
export function serveFiles(paths: string | readonly string[], options: ServeFilesOptions = {}): Observable<ServeEvent> {
  checkOptions("serveFiles", options, serveShapes);
  const { place, limits } = placeAndLimits(options);
  const { announce } = options;
  const wanted = [paths].flat();
  for (const path of wanted) checkShape("a path to serve", path, aText("that of a file or a folder"));

  return defer(() => {
    const sources = new Map<string, FileSource>();
    const roots = new BehaviorSubject<ReadonlySet<string>>(new Set());
    const seeder = createSeeder(sources, limits);
    const serve = ({ path, named, within, problem }: FoundFile, url: string): Observable<ServeEvent> =>
      (problem === undefined ? fileSource(path, { within }) : throwError(() => problem)).pipe(
        map((source): ServeEvent => {
          const { manifest } = source;
          // The same bytes under another name have the same root.
          if (sources.has(manifest.root)) closeQuietly(source);
          else sources.set(manifest.root, source);
          roots.next(new Set(sources.keys()));
          return { type: "file-served", path, link: `${url}/${manifest.root}`, manifest };
        }),
        catchError((thrown: unknown) => {
          const { message } = toDownloadError(thrown);
          return named ? throwError(() => thrown) : of<ServeEvent>({ type: "file-skipped", path, message });
        }),
      );
    const serveAll = (files: readonly FoundFile[], url: string): Observable<ServeEvent> =>
      concat(
        from(files).pipe(concatMap((file) => serve(file, url))),
        defer(() => (sources.size > 0 ? EMPTY : throwError(() => nothingLeft(files.length)))),
      );
    return from(collectFiles(wanted)).pipe(
      switchMap((files) =>
        serveWebSocket(seeder, place).pipe(
          mergeMap((event) => {
            if (event.type !== "listening") return of(event);
            const announced = announce?.(event.port, roots) ?? EMPTY;
            return concat(of(event), merge(announced, serveAll(files, event.url)));
          }),
        ),
      ),
      finalize(() => sources.forEach(closeQuietly)),
    );
  });
}

function nothingLeft(count: number): DownloadError {
  const what = count === 1 ? "the only file that was found" : `any of the ${count} files that were found`;
  return new DownloadError("LOCAL_IO", `cannot read ${what}: nothing is left to serve`);
}

/** Closes a file that was only read: nothing is lost when that fails. */
function closeQuietly(source: FileSource): void {
  source.close().subscribe({ error: () => undefined });
}
