import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { aSwitch, aText } from "../../../operators/optionShapes.js";
import { type BigIntStats, constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { defer, finalize, from, ignoreElements, type Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ChunkSink, Doubt } from "../../storage/ChunkSink.js";
import { checkFreeSpace } from "./checkFreeSpace.js";
import { type Disk, systemDisk } from "./Disk.js";
import { localError } from "./localError.js";
import { openFile } from "./openFile.js";
import { PartFile } from "./PartFile.js";
import { placeKey } from "./placeKey.js";
import { readUpTo } from "./readUpTo.js";
import { regularFile } from "./regularFile.js";
import { stampOf } from "./stampOf.js";
import { syncFolder } from "./syncFolder.js";

export interface FileSinkOptions {
  /** True when a file that has the name already may be replaced. @default false */
  readonly overwrite?: boolean | undefined;
  /** Calls of the file system. @default the system's @internal */
  readonly disk?: Disk | undefined;
}

const shapes: OptionShapes<FileSinkOptions> = {
  overwrite: aSwitch,
  disk: { must: "a disk", fits: (value) => typeof value === "object" && value !== null },
};

/** The sinks of this process that are open, by the place of their `.part`. */
const open = new Map<string, FileSink>();

/**
 * Bytes in `<path>.part`, which becomes `<path>` when it is whole. Takes no lock: see `lockDownload`.
 *
 * Every call to the system is put into `#running` when it begins and taken out when it has ended, whether or not anybody is
 * still subscribed, because a write cannot be called back. `sync`, `finish` and `close` begin when all have ended.
 * So unsubscribing is immediate, and no byte reaches the disk behind the back of a record or of a closed file.
 *
 * Errors are `LOCAL_IO`, `TARGET_EXISTS` when `<path>` exists and may not be replaced, and `LOCKED` when another sink of this process has
 * the path open.
 */
export class FileSink implements ChunkSink {
  readonly path: string;
  readonly partPath: string;
  readonly #overwrite: boolean;
  readonly #disk: Disk;
  readonly #running = new Set<Promise<unknown>>();
  #file: FileHandle | undefined;
  /** Outlives the handle: what was closed may still have to be removed. */
  #part: PartFile | undefined;
  /** The place that was claimed for the last `open`. */
  #key = "";
  #size = 0;
  /** Where the last write ended. */
  #last = 0;
  /** The first write that failed after its subscriber had left. */
  #unheard: DownloadError | undefined;
  /** After a failed sync the system may forget what it could not store, and say yes to the next one. */
  #lostBytes: DownloadError | undefined;

  /** @throws TypeError for a path or an option that cannot be. */
  constructor(path: string, options: FileSinkOptions = {}) {
    checkShape("path", path, aText("the path of a file"));
    checkOptions("FileSink", options, shapes);
    const { overwrite = false, disk = systemDisk } = options;
    this.path = path;
    this.partPath = `${path}.part`;
    this.#overwrite = overwrite;
    this.#disk = disk;
  }

  open(size: number): Observable<{ readonly size: number; readonly stamp?: string }> {
    return this.#once("open", async () => {
      await this.#idle();
      if (this.#file !== undefined)
        throw new DownloadError("LOCAL_IO", `${this.partPath} is in use by this download already`);
      this.#claim();
      const { found, watch } = await this.#opening(size).finally(() => this.#letGo());
      this.#size = size;
      this.#last = 0;
      this.#unheard = undefined;
      this.#lostBytes = undefined;
      return found === undefined ? { size: 0 } : { size: Number(watch.found.size), stamp: partStamp(watch.found) };
    });
  }

  memory(bytes: number): Uint8Array {
    return this.#part?.memory(bytes) ?? new Uint8Array(bytes);
  }

  write(offset: number, bytes: Uint8Array): Observable<never> {
    return this.#written(offset, bytes, (part) => part.write(offset, bytes)).pipe(ignoreElements());
  }

  writeSummed(offset: number, bytes: Uint8Array): Observable<number> {
    return this.#written(offset, bytes, (part) => part.writeSummed(offset, bytes));
  }

  read(offset: number, length: number): Observable<Uint8Array> {
    return this.#once("read", async () => {
      return readUpTo(this.#opened().file, offset, length);
    });
  }

  /**
   * A handle to read the bytes by, which is the subscriber's to close; it leads to them also when the file has its name. Errors with `LOCAL_IO` when
   * the `.part` is not open, or not what its name leads to.
   *
   * @internal
   */
  reader(): Observable<FileHandle> {
    return this.#once("open", async () => {
      const { part } = this.#opened();
      const file = await openFile(this.partPath, { followLinks: false, disk: this.#disk });
      if (part.isOf(await file.stat({ bigint: true }))) return file;
      await file.close();
      throw new DownloadError("LOCAL_IO", `${this.partPath} became another file while it was opened`);
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
      const { file, part } = this.#opened();
      await part.refuseDoubt();
      const { size } = await file.stat();
      const wanted = this.#size === Infinity ? this.#last : this.#size;
      if (size < wanted) {
        throw new DownloadError("LOCAL_IO", `${this.partPath} has ${size} bytes, expected ${wanted}: it is not whole`);
      }
      await part.cut(wanted);
      await file.sync();
      await this.#refuseTarget();
      await this.#release();
      await this.#disk.rename(this.partPath, this.path).finally(() => this.#letGo());
      this.#part = undefined;
      await syncFolder(dirname(this.path), this.#disk);
      if (await part.leadsHere(this.path)) return;
      throw new DownloadError(
        "LOCAL_IO",
        `${this.path} is not the file that was written: it was replaced in this moment`,
      );
    }).pipe(ignoreElements());
  }

  doubt(): Observable<Doubt | undefined> {
    return this.#once("look at", async () => {
      await this.#idle();
      return this.#opened().part.doubt();
    });
  }

  /** Closes it, and removes what this sink has written, if its name still leads there. */
  discard(): Observable<never> {
    return this.#once("remove", async () => {
      await this.#idle();
      await this.#discarding().finally(() => this.#letGo());
    }).pipe(ignoreElements());
  }

  close(): Observable<never> {
    return this.#once("close", async () => {
      await this.#idle();
      await this.#release().finally(() => this.#letGo());
    }).pipe(ignoreElements());
  }

  #claim(): void {
    this.#key = placeKey(this.partPath);
    const holder = open.get(this.#key);
    if (holder !== undefined && holder !== this) {
      const text = `${this.partPath} is open in this process, by another download of it; share one, as with pipe(share()), or choose another name`;
      throw new DownloadError("LOCKED", text);
    }
    open.set(this.#key, this);
  }

  /** Others may open the path when nothing is open here any more. */
  #letGo(): void {
    if (this.#file === undefined && open.get(this.#key) === this) open.delete(this.#key);
  }

  async #opening(size: number) {
    await this.#refuseTarget();
    const found = await regularFile(this.partPath, this.#disk);
    if (size !== Infinity) await checkFreeSpace(dirname(this.partPath), size, found, this.#disk);
    return { found, watch: await this.#openPart(found !== undefined, size) };
  }

  async #discarding(): Promise<void> {
    const part = this.#part;
    await this.#release();
    this.#part = undefined;
    if ((await part?.leadsHere(this.partPath)) !== true) return;
    await this.#disk.rm(this.partPath);
    await syncFolder(dirname(this.partPath), this.#disk);
  }

  /** Resolves when the works that began before this call have ended, well or not. Called at the start of a work, so never waits for that work itself. */
  #idle(): Promise<unknown> {
    return Promise.allSettled(this.#running);
  }

  #opened(): { readonly file: FileHandle; readonly part: PartFile } {
    const [file, part] = [this.#file, this.#part];
    if (file !== undefined && part !== undefined) return { file, part };
    throw new DownloadError("LOCAL_IO", `${this.partPath} is not open`);
  }

  async #openPart(exists: boolean, size: number): Promise<PartFile> {
    // The name may have become a link or another file since it was looked at: neither is followed.
    const how = exists ? 0 : constants.O_CREAT | constants.O_EXCL;
    const file = await this.#disk.open(this.partPath, constants.O_RDWR | constants.O_NOFOLLOW | how, 0o666);
    try {
      if (!exists) await syncFolder(dirname(this.partPath), this.#disk);
      const part = await PartFile.begin({ path: this.partPath, file, disk: this.#disk }, size);
      this.#file = file;
      this.#part = part;
      return part;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #written<T>(offset: number, bytes: Uint8Array, write: (part: PartFile) => Promise<T>): Observable<T> {
    return this.#once(
      "write",
      async () => {
        const { part } = this.#opened();
        if (offset < 0 || offset + bytes.length > this.#size) {
          throw new DownloadError(
            "LOCAL_IO",
            `${this.partPath} has room for ${this.#size} bytes, got ${bytes.length} for offset ${offset}`,
          );
        }
        this.#last = offset + bytes.length;
        return write(part);
      },
      (error) => (this.#unheard ??= error),
    );
  }

  async #store(): Promise<string> {
    const { file } = this.#opened();
    const failure = this.#lostBytes ?? this.#unheard;
    this.#unheard = undefined;
    if (failure !== undefined) throw failure;
    await file.datasync().catch((cause: unknown) => {
      throw (this.#lostBytes = localError("sync", this.partPath, cause));
    });
    return partStamp(await file.stat({ bigint: true }));
  }

  async #refuseTarget(): Promise<void> {
    const found = await regularFile(this.path, this.#disk);
    if (found === undefined || this.#overwrite) return;
    throw new DownloadError("TARGET_EXISTS", `${this.path} exists already; it is left as it is`);
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await this.#part?.end();
    await file?.close();
  }

  /** Runs the work once a subscription, and to its end even if unsubscribed. */
  #once<T>(verb: string, work: () => Promise<T>, unheard?: (error: DownloadError) => void): Observable<T> {
    return defer(() => {
      let isLeft = false;
      const running = work()
        .catch((cause: unknown) => {
          const error = localError(verb, this.partPath, cause);
          if (isLeft) unheard?.(error);
          throw error;
        })
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
      return from(running).pipe(finalize(() => (isLeft = true)));
    });
  }
}

/** With the time of the last change of the entry as well: anybody can set that of the bytes. */
function partStamp(stats: BigIntStats): string {
  return `${stampOf(stats)}-${stats.ctimeNs}`;
}
