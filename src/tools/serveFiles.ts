import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  switchMap,
  throwError,
} from "rxjs";
import { checkOptions, checkShape, type OptionShapes } from "../../operators/checkOptions.js";
import { aNumber, anyNumber, aText } from "../../operators/optionShapes.js";
import { fileSource, type FileSource } from "../adapters/node/fileSource.js";
import { type ServerEvent, serveWebSocket } from "../adapters/websocket/serveWebSocket.js";
import { resolveServeConfig } from "../adapters/websocket/ServeWebSocketConfig.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Manifest } from "../manifest/Manifest.js";
import { createSeeder } from "../seeder/createSeeder.js";
import { resolveSeederConfig } from "../seeder/SeederConfig.js";
import { collectFiles, type FoundFile } from "./collectFiles.js";

export interface ServeFilesOptions {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 takes any free one. @default 0 */
  readonly port?: number | undefined;
  /** Secret that clients must bring. @default none */
  readonly token?: string | undefined;
  /** Certificate for `wss://`, PEM. @default none */
  readonly cert?: string | Buffer | undefined;
  /** Key of the certificate, PEM. @default none */
  readonly key?: string | Buffer | undefined;
  /** Origins of web pages that are let in, such as `https://example.org`; `null` is that of pages of files, `*` is all. @default none */
  readonly allowOrigins?: readonly string[] | undefined;
  /** Bytes a second to all clients together. @default unlimited */
  readonly limitRate?: number | undefined;
  /** Clients at a time; beyond them the one that has been idle for longest makes room, or the new one is told that the seeder is busy. @default 256 */
  readonly maxConnections?: number | undefined;
  /** Requests under way on one connection; more are told that the seeder is busy. @default 16 */
  readonly maxRequests?: number | undefined;
}

const pem = {
  must: "PEM, as a text or a Buffer",
  fits: (value: unknown) => typeof value === "string" || value instanceof Uint8Array,
  isSecret: true,
};

const shapes: OptionShapes<ServeFilesOptions> = {
  host: aText("a name or an address of this machine"),
  port: {
    must: "a whole number from 0 to 65535",
    fits: (value) => Number.isInteger(value) && aNumber(0, 65_535).fits(value),
  },
  token: { must: "a text", fits: (value) => typeof value === "string", isSecret: true },
  cert: pem,
  key: pem,
  allowOrigins: {
    must: "a list of origins, such as https://example.org",
    fits: (value) => Array.isArray(value) && value.every((origin) => typeof origin === "string"),
  },
  limitRate: anyNumber,
  maxConnections: anyNumber,
  maxRequests: anyNumber,
};

/** One more file can be had at `link`, or cannot be had; or something happened on the server. */
export type ServeEvent =
  /** A file has been hashed and can be had. */
  | {
      readonly type: "file-served";
      /** Path of the file, as it was given or found. */
      readonly path: string;
      /** Address for `get`: `ws://host:port/ROOT`. */
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
  | ServerEvent;

/**
 * Serves files, and all files in folders, until it is unsubscribed. Each is hashed first, one after the other, and has an
 * event with its link when it can be had. Links in folders, hidden files and what downloads leave (`x.part`, `x.part.json.damaged` and the like) are left out; what is found in a folder and cannot be read is skipped.
 *
 * Unsubscribing closes the server, all connections and all files. Errors with `FILE_NOT_FOUND` when a path does not exist
 * or a folder has no file, `LOCAL_IO` when a path cannot be read, when no file is left, or when the port cannot be had.
 *
 * @throws TypeError at the call when a path is empty, when only one of `cert` and `key` is given or they cannot be used, when no client could bring
 * the token, or when an origin is none; RangeError that names a wrong limit.
 */
export function serveFiles(paths: string | readonly string[], options: ServeFilesOptions = {}): Observable<ServeEvent> {
  checkOptions("serveFiles", options, shapes);
  const { host, port, token, cert, key, allowOrigins, limitRate, maxConnections, maxRequests } = options;
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError("a certificate needs its key: give both or none");
  const place = {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(token !== undefined && { token }),
    ...(allowOrigins !== undefined && { allowOrigins }),
    ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
  };
  const limits = {
    ...(maxConnections !== undefined && { maxConnections }),
    ...(limitRate !== undefined && { limitRateBytesPerSecond: limitRate }),
    ...(maxRequests !== undefined && { maxRequests }),
  };
  resolveServeConfig(place);
  resolveSeederConfig(limits);
  const wanted = [paths].flat();
  for (const path of wanted) checkShape("a path to serve", path, aText("that of a file or a folder"));

  return defer(() => {
    const sources = new Map<string, FileSource>();
    const seeder = createSeeder(sources, limits);
    const serve = ({ path, named, within, problem }: FoundFile, url: string): Observable<ServeEvent> =>
      (problem === undefined ? fileSource(path, { within }) : throwError(() => problem)).pipe(
        map((source): ServeEvent => {
          const { manifest } = source;
          // The same bytes under another name have the same root.
          if (sources.has(manifest.root)) closeQuietly(source);
          else sources.set(manifest.root, source);
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
          mergeMap((event) => (event.type === "listening" ? concat(of(event), serveAll(files, event.url)) : of(event))),
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
