import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { catchError, concatMap, defer, from, map, type Observable, of, switchMap, throwError } from "rxjs";
import { readCheckpoint } from "../../adapters/node/checkpointStore.js";
import { isErrno } from "../../adapters/node/localError.js";
import { isRunning, type ProcessIdentity } from "../../adapters/node/processIdentity.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { chunkAt, chunkCount } from "../../manifest/chunks.js";
import { Bitmap } from "../../storage/Bitmap.js";
import type { Checkpoint, ChunkRetryState } from "../../storage/Checkpoint.js";
import { inputError } from "./inputFile.js";

/** An unfinished download that was found in a folder. */
export type DownloadStatus = FoundDownload | UnreadableDownload;

interface Found {
  /** Path that the file will have. */
  readonly path: string;
  /** Whether a process is at it now. */
  readonly running: boolean;
}

export interface FoundDownload extends Found {
  readonly root: string;
  readonly name: string;
  readonly size: number;
  /** Bytes of complete chunks. */
  readonly verified: number;
  readonly chunks: { readonly total: number; readonly done: number };
  /** Chunks that failed, with the peer and the error that they failed with last. */
  readonly failed: readonly ChunkRetryState[];
  /** Peers that served it, the one with the most successes first. */
  readonly peers: readonly string[];
  /** Wall time, ms since the epoch. */
  readonly savedAt: number;
}

export interface UnreadableDownload extends Found {
  /** Why its progress cannot be read. */
  readonly problem: string;
}

const ending = ".part.json";

/**
 * Every unfinished download in a folder, by name, one emission each; changes nothing. Errors with `FILE_NOT_FOUND` or
 * `LOCAL_IO` when the folder cannot be read.
 */
export function downloadStatus(folder = "."): Observable<DownloadStatus> {
  return defer(() => readdir(folder)).pipe(
    catchError((cause: unknown) => throwError(() => inputError(folder, cause))),
    switchMap((names) => from(names.filter((name) => name.endsWith(ending)).sort())),
    concatMap((name) => statusOf(join(folder, name.slice(0, -ending.length)))),
  );
}

function statusOf(path: string): Observable<DownloadStatus> {
  return defer(() => isLocked(`${path}.part.lock`)).pipe(
    switchMap((running) =>
      readCheckpoint(path + ending).pipe(
        map((checkpoint) => ({ path, running, ...summary(checkpoint) })),
        catchError((error: unknown) => of({ path, running, problem: toDownloadError(error).message })),
      ),
    ),
  );
}

function summary({
  root,
  name,
  size,
  chunkSize,
  complete,
  ...checkpoint
}: Checkpoint): Omit<FoundDownload, keyof Found> {
  const cut = { size, chunkSize };
  const total = chunkCount(cut);
  const bitmap = Bitmap.from(complete, total);
  const lastMissing = total > 0 && bitmap.has(total - 1) ? chunkSize - chunkAt(cut, total - 1).length : 0;
  return {
    root,
    name,
    size,
    verified: bitmap.count * chunkSize - lastMissing,
    chunks: { total, done: bitmap.count },
    failed: checkpoint.failed,
    peers: Object.entries(checkpoint.peers)
      .filter(([, { ok }]) => ok > 0)
      .sort(([, a], [, b]) => b.ok - a.ok)
      .map(([peer]) => peer),
    savedAt: checkpoint.savedAt,
  };
}

/** A lock whose process is gone, or that says nothing, holds nobody off. */
async function isLocked(path: string): Promise<boolean> {
  try {
    const holder = JSON.parse(await readFile(path, "utf8")) as Partial<ProcessIdentity>;
    return typeof holder.pid === "number" && isRunning({ ...holder, pid: holder.pid });
  } catch (error) {
    if (isErrno(error, "ENOENT") || error instanceof SyntaxError) return false;
    throw new DownloadError("LOCAL_IO", `cannot read ${path}: ${String(error)}`, { cause: error });
  }
}
