import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { ignoreElements, Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { checkFreeSpace } from "./checkFreeSpace.js";
import { localError } from "./localError.js";
import { readUpTo } from "./readUpTo.js";
import { regularFile } from "./regularFile.js";
import { stampOf } from "./stampOf.js";
import { syncFolder } from "./syncFolder.js";

export interface FileSinkOptions {
  /** Whether a file that has the name already may be replaced. @default false */
  readonly overwrite?: boolean;
}

/**
 * Bytes in `<path>.part`, which becomes `<path>` when it is whole. Takes no lock: see `lockDownload`.
 *
 * Who waits for what: every call to the system is put into `#running` when it begins and taken out when it has ended, whether
 * or not anybody is still subscribed, because a write cannot be called back. `sync`, `finish` and `close` begin when all of
 * that has ended. So unsubscribing is immediate, and no byte reaches the disk behind the back of a record or of a closed file.
 *
 * Errors are `LOCAL_IO`, and `TARGET_EXISTS` when `<path>` exists and may not be replaced.
 */
export class FileSink implements ChunkSink {
  readonly path: string;
  readonly partPath: string;
  readonly #overwrite: boolean;
  readonly #running = new Set<Promise<void>>();
  #file: FileHandle | undefined;
  #size = 0;
  /** The first write that failed after its subscriber had left. */
  #unheard: DownloadError | undefined;
  /** After a failed sync the system may forget what it could not store, and say yes to the next one. */
  #lostBytes: DownloadError | undefined;

  constructor(path: string, { overwrite = false }: FileSinkOptions = {}) {
    this.path = path;
    this.partPath = `${path}.part`;
    this.#overwrite = overwrite;
  }

  open(size: number): Observable<{ readonly size: number; readonly stamp?: string }> {
    return this.#once("open", async () => {
      await this.#idle();
      if (this.#file !== undefined)
        throw new DownloadError("LOCAL_IO", `${this.partPath} is in use by this download already`);
      await this.#refuseTarget();
      const found = await regularFile(this.partPath);
      await checkFreeSpace(dirname(this.partPath), size, found);
      // The name may have become a link since it was looked at: a link is not followed.
      const file = await open(this.partPath, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o666);
      this.#file = file;
      this.#size = size;
      this.#unheard = undefined;
      this.#lostBytes = undefined;
      if (found === undefined) {
        await syncFolder(dirname(this.partPath));
        return { size: 0 };
      }
      const stats = await file.stat({ bigint: true });
      return { size: Number(stats.size), stamp: partStamp(stats) };
    });
  }

  write(offset: number, bytes: Uint8Array): Observable<never> {
    return this.#once(
      "write",
      async () => {
        const file = this.#opened();
        if (offset < 0 || offset + bytes.length > this.#size) {
          throw new DownloadError(
            "LOCAL_IO",
            `${this.partPath} has room for ${this.#size} bytes, got ${bytes.length} for offset ${offset}`,
          );
        }
        for (let done = 0; done < bytes.length;) {
          done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
        }
      },
      (error) => (this.#unheard ??= error),
    ).pipe(ignoreElements());
  }

  read(offset: number, length: number): Observable<Uint8Array> {
    return this.#once("read", async () => {
      return readUpTo(this.#opened(), offset, length);
    });
  }

  sync(): Observable<string> {
    return this.#once("sync", async () => {
      await this.#idle();
      return this.#store();
    });
  }

  finish(): Observable<never> {
    return this.#once("finish", async () => {
      await this.#idle();
      await this.#store();
      const file = this.#opened();
      const { size } = await file.stat();
      if (size < this.#size) {
        throw new DownloadError(
          "LOCAL_IO",
          `${this.partPath} has ${size} bytes, expected ${this.#size}: it is not whole`,
        );
      }
      await file.truncate(this.#size);
      await file.sync();
      await this.#refuseTarget();
      await this.#release();
      await rename(this.partPath, this.path);
      await syncFolder(dirname(this.path));
    }).pipe(ignoreElements());
  }

  close(): Observable<never> {
    return this.#once("close", async () => {
      await this.#idle();
      await this.#release();
    }).pipe(ignoreElements());
  }

  /** Everything before this call. Called at the start of a work, so never waits for that work itself. */
  #idle(): Promise<unknown> {
    return Promise.all(this.#running);
  }

  #opened(): FileHandle {
    if (this.#file !== undefined) return this.#file;
    throw new DownloadError("LOCAL_IO", `${this.partPath} is not open`);
  }

  async #store(): Promise<string> {
    const file = this.#opened();
    const failure = this.#lostBytes ?? this.#unheard;
    this.#unheard = undefined;
    if (failure !== undefined) throw failure;
    await file.datasync().catch((cause: unknown) => {
      throw (this.#lostBytes = localError("sync", this.partPath, cause));
    });
    return partStamp(await file.stat({ bigint: true }));
  }

  async #refuseTarget(): Promise<void> {
    const found = await regularFile(this.path);
    if (found === undefined || this.#overwrite) return;
    throw new DownloadError("TARGET_EXISTS", `${this.path} exists already; it is left as it is`);
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** Runs the work once a subscription, and to its end even if unsubscribed. */
  #once<T>(verb: string, work: () => Promise<T>, unheard?: (error: DownloadError) => void): Observable<T> {
    return new Observable((subscriber) => {
      const running = work().then(
        (value) => {
          this.#running.delete(running);
          subscriber.next(value);
          subscriber.complete();
        },
        (cause: unknown) => {
          this.#running.delete(running);
          const error = localError(verb, this.partPath, cause);
          if (subscriber.closed) unheard?.(error);
          else subscriber.error(error);
        },
      );
      this.#running.add(running);
    });
  }
}

/** With the time of the last change of the entry as well: anybody can set that of the bytes. */
function partStamp(stats: BigIntStats): string {
  return `${stampOf(stats)}-${stats.ctimeNs}`;
}
