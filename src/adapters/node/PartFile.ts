import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Doubt } from "../../storage/ChunkSink.js";
import type { Disk } from "./Disk.js";
import { type FileLook, FileThread, type ThreadWrite } from "./FileThread.js";
import { isErrno } from "./localError.js";

/** A thread costs some twenty milliseconds, as much as writing so many bytes does. */
const enoughForThread = 64 * 1024 * 1024;

/** A file under the name by which it was opened, and the system that did so. */
interface Opened {
  readonly path: string;
  readonly file: FileHandle;
  readonly disk: Disk;
}

/** Writes that run together. */
interface Batch {
  /** How many have not ended. */
  writing: number;
  /** When those before it were looked at. */
  readonly begun: Promise<void>;
  /** Tells that all of them have ended. */
  readonly end: () => void;
  /** When it was looked at itself. */
  readonly remembered: Promise<void>;
}

/**
 * Writes to a file, and notices when somebody else is at it: its name leads elsewhere, or its size or times are not those that it had
 * after the last write of our own.
 *
 * Changes between the look before a write and the look after it are our own. A large file has a thread, which looks so at each write. For others,
 * writes that come while others run wait for those, and then run together, with a look before each such batch and after it. A batch that others may
 * join would not do: under load it has no end, and the file is cut and written past the cut without a look in between. A stranger's change in the
 * very moment of a batch, or within one tick of the file system's clock after it, goes unseen unless it leaves another size.
 */
export class PartFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #disk: Disk;
  /** Thread of a large file: it looks before and after each write. */
  #thread: FileThread | undefined;
  /** The file that the name led to at the start; asked by the name, as later on, because some systems answer a handle otherwise. */
  readonly #named: BigIntStats;
  /** The file as it was found. */
  readonly found: BigIntStats;
  /** The file after the last write of our own. */
  #known: FileLook;
  /** Batches that have not ended. */
  #batches = 0;
  /** The one that has not begun, so that more may join it. */
  #next: Batch | undefined;
  /** The end of what was written, when that is further than what was known. */
  #end = 0n;
  /** Looks come one after the other, so that none is overtaken by an older one. */
  #looks: Promise<void> = Promise.resolve();
  #doubt: Doubt | undefined;

  private constructor(
    { path, file, disk }: Opened,
    { found, named }: { readonly found: BigIntStats; readonly named: BigIntStats },
    isLarge: boolean,
  ) {
    this.#path = path;
    this.#file = file;
    this.#disk = disk;
    this.#thread = isLarge ? threadFor(file) : undefined;
    this.found = found;
    this.#known = found;
    this.#named = named;
  }

  /**
   * Watches a file that was just opened, and is to have so many bytes.
   *
   * @throws DownloadError `LOCAL_IO` when it is no file, has another name too, or is not what the name leads to.
   */
  static async begin({ path, file, disk }: Opened, size: number): Promise<PartFile> {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new DownloadError("LOCAL_IO", `${path} is no file, expected a file or nothing`);
    if (stats.nlink > 1n) {
      const text = `${path} is one of ${stats.nlink} names of one file (hard links), and the others would change with it; move it away`;
      throw new DownloadError("LOCAL_IO", text);
    }
    const named = await disk.lstat(path, { bigint: true });
    if (named.ino !== stats.ino) throw new DownloadError("LOCAL_IO", `${path} became another file while it was opened`);
    const isLarge = size >= enoughForThread && size !== Infinity;
    return new PartFile({ path, file, disk }, { found: stats, named }, isLarge);
  }

  /** Memory from which bytes are written without being copied. */
  memory(bytes: number): Uint8Array {
    return this.#thread === undefined ? new Uint8Array(bytes) : new Uint8Array(new SharedArrayBuffer(bytes));
  }

  /** Writes all of these bytes at a place of the file; rejects with what the system says. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const written = await this.#byThread(offset, bytes);
    if (written === undefined) await this.#writeInBatch(offset, bytes);
    else this.#wrote(written);
  }

  /** Writes as `write` does; resolves to the CRC-32 of the bytes, which a large file has its thread make. */
  async writeSummed(offset: number, bytes: Uint8Array): Promise<number> {
    const written = await this.#byThread(offset, bytes, true);
    if (written === undefined) await this.#writeInBatch(offset, bytes);
    else this.#wrote(written);
    return written?.sum ?? crc32(bytes);
  }

  /** Cuts it behind `size` bytes; a change of our own, too. */
  async cut(size: number): Promise<void> {
    if (this.#known.size <= BigInt(size)) return;
    await this.#file.truncate(size);
    this.#inTurn(async () => void (this.#known = await this.#file.stat({ bigint: true })));
    await this.#looks;
  }

  /** The doubt that arose since the last call, or nothing; rejects with the system's error. */
  async doubt(): Promise<Doubt | undefined> {
    const looked = await this.#byThread(0, new Uint8Array());
    if (looked !== undefined) this.#wrote(looked);
    else if (this.#batches === 0) this.#look();
    await this.#looks;
    const doubt = (await this.#lost()) ?? this.#doubt;
    this.#doubt = undefined;
    return doubt;
  }

  /** @throws DownloadError `LOCAL_IO` when the bytes or the name are doubtful; the doubt stays. */
  async refuseDoubt(): Promise<void> {
    const doubt = await this.doubt();
    this.#doubt = doubt;
    if (doubt !== undefined && doubt.kind !== "entry") throw new DownloadError("LOCAL_IO", doubt.why);
  }

  /** Tells whether these are the facts of this file, by another handle. */
  isOf({ dev, ino }: BigIntStats): boolean {
    return dev === this.found.dev && ino === this.found.ino;
  }

  /** Tells whether this name leads to the file. */
  async leadsHere(path: string): Promise<boolean> {
    const found = await this.#disk.lstat(path, { bigint: true }).catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    });
    return found?.dev === this.#named.dev && found.ino === this.#named.ino;
  }

  /** Ends the thread of the file, to which no writer comes any more. */
  async end(): Promise<void> {
    await this.#thread?.end();
  }

  /** The result of a write by the thread; `undefined` where there is no thread, or none that ever came to work. */
  async #byThread(offset: number, bytes: Uint8Array, isSummed = false): Promise<ThreadWrite | undefined> {
    const thread = this.#thread;
    try {
      return await thread?.write(offset, bytes, isSummed);
    } catch (error) {
      if (thread?.hasAnswered === true) throw error;
      this.#thread = undefined;
      return undefined;
    }
  }

  async #writeInBatch(offset: number, bytes: Uint8Array): Promise<void> {
    const batch = (this.#next ??= this.#gather());
    batch.writing++;
    await batch.begun;
    try {
      for (let done = 0; done < bytes.length;) {
        done += (await this.#file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
        const end = BigInt(offset + done);
        if (end > this.#end) this.#end = end;
      }
    } finally {
      if (--batch.writing === 0) batch.end();
    }
    await batch.remembered;
  }

  /** Takes in what the thread has seen. */
  #wrote({ before, after, end, failure }: ThreadWrite): void {
    this.#compare(before);
    this.#compareSize(after, before.size > end ? before.size : BigInt(end));
    this.#known = after;
    if (failure !== undefined) throw Object.assign(new Error(failure.message), failure);
  }

  /** The doubt that the name leads elsewhere; `undefined` while it leads to the file. */
  async #lost(): Promise<Doubt | undefined> {
    if (await this.leadsHere(this.#path)) return undefined;
    const why = `${this.#path} is gone, or is another file now: somebody else has moved, removed or replaced what was written`;
    return { kind: "lost", why };
  }

  /** The look after a batch is the look before the next one, if that is waiting for it. */
  #gather(): Batch {
    if (this.#batches++ === 0) this.#look();
    let end = (): void => undefined;
    const written = new Promise<void>((resolve) => (end = resolve));
    const begun = this.#looks.then(() => void (this.#next = undefined));
    begun.catch(() => undefined); // its members hear of it
    this.#inTurn(async () => {
      await written;
      await this.#remember();
      this.#batches--;
    });
    return { writing: 0, begun, end, remembered: this.#looks };
  }

  #look(): void {
    this.#inTurn(async () => {
      const now = await this.#file.stat({ bigint: true });
      this.#compare(now);
      this.#known = now;
    });
  }

  /** Times are our own now; the size is as before, or where our writes end. */
  async #remember(): Promise<void> {
    const now = await this.#file.stat({ bigint: true });
    this.#compareSize(now, this.#end > this.#known.size ? this.#end : this.#known.size);
    this.#known = now;
    this.#end = 0n;
  }

  #compareSize({ size }: FileLook, expected: bigint): void {
    if (size !== expected) this.#strange("bytes", `it has ${size} bytes, expected ${expected}`);
  }

  #compare(now: FileLook): void {
    const before = this.#known;
    const { size, mtimeNs, ctimeNs } = now;
    if (size !== before.size) this.#compareSize(now, before.size);
    else if (mtimeNs !== before.mtimeNs) this.#strange("bytes", "its time of change is not that of the last write");
    else if (ctimeNs !== before.ctimeNs) this.#strange("entry", "its entry was changed since the last write");
  }

  #strange(kind: Doubt["kind"], what: string): void {
    if (this.#doubt !== undefined && this.#doubt.kind !== "entry") return;
    this.#doubt = { kind, why: `somebody else was at ${this.#path} while it was written: ${what}` };
  }

  #inTurn(work: () => Promise<void>): void {
    this.#looks = this.#looks.then(work);
    this.#looks.catch(() => undefined); // those who wait for it hear of it
  }
}

/** A thread that writes to the file; `undefined` where threads are forbidden. */
function threadFor({ fd }: FileHandle): FileThread | undefined {
  try {
    return new FileThread(fd);
  } catch {
    return undefined;
  }
}
