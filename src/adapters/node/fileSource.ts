import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { anyNumber, aText } from "../../../operators/optionShapes.js";
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { catchError, defer, ignoreElements, Observable, of, switchMap, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { localError } from "./localError.js";
import { type ManifestOfFileOptions, manifestOfStats, statOfFile } from "./manifestOfFile.js";
import { openFile } from "./openFile.js";
import { readUnchanged } from "./readUnchanged.js";
import { stampOf } from "./stampOf.js";

/** A file that is being served: opened once, and refused from the moment that it is not the one its manifest was made of. */
export interface FileSource {
  readonly manifest: Manifest;
  /**
   * One emission: `length` bytes from `offset`. Errors with `RESOURCE_CHANGED` when the file was changed since its manifest was made, with `LOCAL_IO` when it
   * cannot be read. They are read into `memory`, if it is given. Ends when nothing is done with the file any more; unsubscribing drops the bytes, and stops
   * nothing.
   */
  read(offset: number, length: number, memory?: Uint8Array): Observable<Uint8Array>;
  /** Closes the file; reads after that, and some in flight, error with `LOCAL_IO`. May be called again. */
  close(): Observable<never>;
}

export interface FileSourceOptions extends ManifestOfFileOptions {
  /** The file's manifest, when it is known already: then nothing is hashed, and only its size is checked. @default made by hashing */
  readonly manifest?: Manifest | undefined;
  /** A folder that the file was found in: it is refused when a link leads to it, or out of there, by the time that it is opened. @default links are followed */
  readonly within?: string | undefined;
}

const shapes: OptionShapes<FileSourceOptions> = {
  name: aText("a file name"),
  chunkSize: anyNumber,
  within: aText("the path of a folder"),
  manifest: { must: "a manifest of the file", fits: (value) => typeof value === "object" && value !== null },
};

/**
 * Makes the file's manifest, opens the file and emits it as a source, which is then the subscriber's to close. Unsubscribing
 * before that leaves nothing open. Errors with `LOCAL_IO`, `RESOURCE_CHANGED` or `INVALID_MANIFEST`.
 *
 * @throws TypeError or RangeError at the call for a path or an option that cannot be.
 */
export function fileSource(path: string, options: FileSourceOptions = {}): Observable<FileSource> {
  checkShape("path", path, aText("the path of a file"));
  checkOptions("fileSource", options, shapes);
  const { manifest: known, ...ofFile } = options;
  const { within } = ofFile;
  return statOfFile(path, ofFile).pipe(
    switchMap((stats) =>
      (known === undefined ? manifestOfStats(path, stats, ofFile) : of(checkSize(path, stats, known))).pipe(
        switchMap((manifest) => openSource(path, { within, stamp: stampOf(stats) }, manifest)),
      ),
    ),
  );
}

function checkSize(path: string, { size }: BigIntStats, manifest: Manifest): Manifest {
  if (BigInt(manifest.size) === size) return manifest;
  throw new DownloadError("INVALID_MANIFEST", `${path} has ${size} bytes, but its manifest says ${manifest.size}`);
}

function openSource(
  path: string,
  { within, stamp }: { readonly within: string | undefined; readonly stamp: string },
  manifest: Manifest,
): Observable<FileSource> {
  return new Observable((subscriber) => {
    openFile(path, { within })
      .then(async (file) => {
        if (subscriber.closed) await file.close();
        else subscriber.next(sourceOf(path, file, stamp, manifest));
      })
      .then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(localError("open", path, error)),
      );
  });
}

function sourceOf(path: string, file: FileHandle, stamp: string, manifest: Manifest): FileSource {
  const named = <T>(calls: Observable<T>) =>
    calls.pipe(catchError((error: unknown) => throwError(() => localError("read", path, error))));
  let closing: Promise<void> | undefined;
  return {
    manifest,
    read: (offset, length, memory) =>
      defer(() => readUnchanged({ name: manifest.name, file, stamp }, { offset, length, memory })).pipe(named),
    close: () => defer(() => (closing ??= file.close())).pipe(named, ignoreElements()),
  };
}
