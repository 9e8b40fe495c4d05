import { checkShape } from "../../operators/checkOptions.js";
import { aText } from "../../operators/optionShapes.js";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { catchError, concatMap, defer, from, map, type Observable, of, switchMap, throwError } from "rxjs";
import { readCheckpoint } from "../adapters/node/checkpointStore.js";
import { isErrno } from "../adapters/node/localError.js";
import { holderOf } from "../adapters/node/lock.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { sha256 } from "../adapters/node/sha256.js";
import { plainFile } from "../manifest/plainFile.js";
import { chunkCount } from "../manifest/chunks.js";
import { Bitmap } from "../storage/Bitmap.js";
import type { Checkpoint, ChunkRetryState } from "../storage/Checkpoint.js";
import { completeBytes } from "../storage/completeBytes.js";
import { inputError } from "./inputFile.js";

/** An unfinished download that was found in a folder. */
export type DownloadStatus = FoundDownload | UnreadableDownload;

export interface FoundDownload {
  /** Path that the file will have. */
  readonly path: string;
  /** True when a process is at it now. */
  readonly running: boolean;
  /** Absent where nothing proves the bytes of single chunks. */
  readonly root?: string;
  readonly name: string;
  readonly size: number;
  /** Bytes of complete chunks. */
  readonly done: number;
  readonly chunks: { readonly total: number; readonly done: number };
  /** Chunks that failed, with the peer and the error that they failed with last. */
  readonly failed: readonly ChunkRetryState[];
  /** Peers that served it, the one with the most successes first. */
  readonly peers: readonly string[];
  /** Wall time, ms since the epoch. */
  readonly savedAt: number;
}

export interface UnreadableDownload extends Pick<FoundDownload, "path" | "running"> {
  /** Why its progress, or whether a process is at it, cannot be read. */
  readonly problem: string;
}

const ending = ".part.json";

/**
 * Every unfinished download in a folder, by name, one emission each; changes nothing. Errors with `FILE_NOT_FOUND` or
 * `LOCAL_IO` when the folder cannot be read.
 *
 * @throws TypeError at the call for a folder that is no path.
 */
export function downloadStatus(folder = "."): Observable<DownloadStatus> {
  checkShape("folder", folder, aText("the path of a folder"));
  return defer(() => readdir(folder)).pipe(
    catchError((cause: unknown) => throwError(() => folderError(folder, cause))),
    switchMap((names) => from(names.filter((name) => name.endsWith(ending)).sort())),
    concatMap((name) => statusOf(join(folder, name.slice(0, -ending.length)))),
  );
}

function folderError(folder: string, cause: unknown): DownloadError {
  if (!isErrno(cause, "ENOTDIR")) return inputError(folder, cause);
  return new DownloadError("LOCAL_IO", `${folder} is no folder`, { cause });
}

function statusOf(path: string): Observable<DownloadStatus> {
  const unreadable = (running: boolean) => (error: unknown) =>
    of<DownloadStatus>({ path, running, problem: toDownloadError(error).message });
  return defer(() => of(holderOf(`${path}.part`) !== undefined)).pipe(
    switchMap((running) =>
      readCheckpoint(path + ending).pipe(
        map((checkpoint): DownloadStatus => ({ path, running, ...summary(checkpoint) })),
        catchError(unreadable(running)),
      ),
    ),
    catchError(unreadable(false)),
  );
}

function summary({
  root,
  name,
  size,
  chunkSize,
  complete,
  ...checkpoint
}: Checkpoint): Omit<FoundDownload, "path" | "running"> {
  const cut = { size, chunkSize };
  const total = chunkCount(cut);
  const bitmap = Bitmap.from(complete, total);
  const isPlain = plainFile({ name, size }, sha256).root === root;
  return {
    ...(!isPlain && { root }),
    name,
    size,
    done: completeBytes(cut, bitmap),
    chunks: { total, done: bitmap.count },
    failed: checkpoint.failed,
    peers: Object.entries(checkpoint.peers)
      .filter(([, { ok }]) => ok > 0)
      .sort(([, a], [, b]) => b.ok - a.ok)
      .map(([peer]) => peer),
    savedAt: checkpoint.savedAt,
  };
}
