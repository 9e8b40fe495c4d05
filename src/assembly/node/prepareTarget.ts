import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { concat, concatMap, defer, EMPTY, ignoreElements, map, type Observable, of, tap } from "rxjs";
import { keepInside } from "../../adapters/node/keepInside.js";
import { makeFolder } from "../../adapters/node/makeFolder.js";
import { removeRemains } from "../../adapters/node/removeRemains.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { safeFileName, safeFilePath } from "../../manifest/fileName.js";
import { usableFileName } from "../../manifest/usableFileName.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { lastPart } from "../../discovery/lastPart.js";
import type { HashingTeller } from "../../download/tellHashing.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";
import type { DownloadLock } from "./DownloadLock.js";
import { isWholeHere } from "../sameFile.js";
import { sameFile } from "./sameFile.js";

export type Place = Pick<DownloadFileOptions, "out" | "dir">;

/**
 * Where the file goes: `out` if it was given, else the manifest's name, which may not leave the folder, and may lead into folders below it where a user
 * chose the document that it is from.
 *
 * @throws DownloadError `INVALID_MANIFEST`
 */
export function targetPath({ name }: FileFacts, { out, dir = "." }: Place, mayHaveFolders = false): string {
  if (out !== undefined) return resolve(dir, out);
  try {
    return resolve(dir, mayHaveFolders ? safeFilePath(name) : safeFileName(name));
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw new DownloadError(error.code, `${error.message}; choose a name with -o (the option out)`, { cause: error });
  }
}

/**
 * Tells whether a file may be here already, or some of it: something has the name that it will have, as far as that can be told before anybody was
 * asked, or the one that a mirror suggests.
 */
export function mayBeBegun(request: FileRequest, place: Place, suggested?: string): boolean {
  const path = likelyPath(request, place, suggested);
  return existsSync(path) || existsSync(`${path}.part.json`);
}

/** The path that a file will have, as far as that can be told before anybody was asked, or by the name that a mirror suggests. */
export function likelyPath(
  { name, mirrors: [mirror = ""] }: FileRequest,
  { out, dir = "." }: Place,
  suggested?: string,
): string {
  return resolve(dir, out ?? name ?? usableFileName(suggested ?? lastPart(mirror)));
}

/**
 * Waits until the lock is settled, makes the folder if it is not there, takes the lock and looks at what has the name already;
 * emits whether that is the very file. If so, what a run left of it that died in its last moment is removed. Errors with `LOCKED`,
 * `TARGET_EXISTS` when it is another file, or may be one, that may not be replaced, or `LOCAL_IO`.
 */
export function prepareTarget(
  path: string,
  { facts, mirrorFile, unsized }: Omit<KnownFile, "peers">,
  {
    lock,
    overwrite,
    folder = dirname(path),
    teller,
    onLocked,
  }: {
    readonly lock: DownloadLock;
    readonly overwrite: boolean;
    /** The folder that the file may not leave. @default its own */
    readonly folder?: string | undefined;
    /** Told of a hash of what has the name, if that takes a while. */
    readonly teller: HashingTeller;
    readonly onLocked: () => void;
  },
): Observable<boolean> {
  const whole = defer(() => sameFile(path, facts, { mirrorFile, unsized: unsized !== undefined, teller })).pipe(
    concatMap((found) => {
      // From what a run without a size has left nobody can go on: with the name taken, the next run is the last that could remove it.
      const isOver = found === "same" || (found !== "none" && unsized !== undefined);
      return concat(isOver ? removeRemains(path, ({ root }) => root === facts.root) : EMPTY, of(found));
    }),
    map((found) => isWholeHere(found, overwrite, `${path} exists`)),
  );
  return concat(
    lock.settled(),
    defer(() => keepInside(folder, path)).pipe(ignoreElements()),
    defer(() => makeFolder(dirname(path))).pipe(ignoreElements()),
    lock.take().pipe(tap({ complete: onLocked })),
    whole,
  );
}
