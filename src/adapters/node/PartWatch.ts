import type { BigIntStats } from "node:fs";
import { type FileHandle, lstat } from "node:fs/promises";
import { DownloadError } from "../../errors/DownloadError.js";
import type { Doubt } from "../../storage/ChunkSink.js";
import { isErrno } from "./localError.js";

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
 * Notices when somebody else is at a file that is written to: its name leads elsewhere, or its size or times are not those that it had
 * after the last write of our own.
 *
 * Writes that come while others run wait for those, and then run together. The file is looked at before each such batch and after it,
 * and what changes in between is ours. A batch that others may join would not do: under load it has no end, and the file is cut and
 * written past the cut without a look in between. What a stranger does in the very moment of a batch, or within one tick of the file
 * system's clock after it, goes unseen unless it leaves another size.
 */
export class PartWatch {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Who the name led to when the file was opened; asked as it will be asked again, because some systems answer a handle otherwise. */
  readonly #named: BigIntStats;
  /** The file after the last write of our own. */
  #known: BigIntStats;
  /** Those that have not ended. */
  #batches = 0;
  /** The one that has not begun, so that more may join it. */
  #next: Batch | undefined;
  /** The end of what was written, when that is further than what was known. */
  #end = 0n;
  /** Looks come one after the other, so that none is overtaken by an older one. */
  #looks: Promise<void> = Promise.resolve();
  #doubt: Doubt | undefined;

  private constructor(path: string, file: FileHandle, known: BigIntStats, named: BigIntStats) {
    this.#path = path;
    this.#file = file;
    this.#known = known;
    this.#named = named;
  }

  /**
   * Watches a file that was just opened.
   *
   * @throws DownloadError `LOCAL_IO` when it is no file, has another name too, or is not what the name leads to.
   */
  static async begin(path: string, file: FileHandle): Promise<PartWatch> {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new DownloadError("LOCAL_IO", `${path} is no file, expected a file or nothing`);
    if (stats.nlink > 1n) {
      const text = `${path} is one of ${stats.nlink} names of one file (hard links), and the others would change with it; move it away`;
      throw new DownloadError("LOCAL_IO", text);
    }
    const named = await lstat(path, { bigint: true });
    if (named.ino !== stats.ino) throw new DownloadError("LOCAL_IO", `${path} became another file while it was opened`);
    return new PartWatch(path, file, stats, named);
  }

  /** The file as it was found, or after the last write that has ended. */
  get known(): BigIntStats {
    return this.#known;
  }

  /** Does a write of our own, which tells how far it has come, also when it fails. */
  async during(write: (reached: (end: number) => void) => Promise<void>): Promise<void> {
    const batch = (this.#next ??= this.#gather());
    batch.writing++;
    await batch.begun;
    try {
      await write((end) => (this.#end = end > this.#end ? BigInt(end) : this.#end));
    } finally {
      if (--batch.writing === 0) batch.end();
    }
    await batch.remembered;
  }

  /** Cuts it behind `size` bytes; a change of our own, too. */
  async cut(size: number): Promise<void> {
    if (this.#known.size <= BigInt(size)) return;
    await this.#file.truncate(size);
    this.#inTurn(async () => void (this.#known = await this.#file.stat({ bigint: true })));
    await this.#looks;
  }

  /** What was strange since this was asked last. */
  async doubt(): Promise<Doubt | undefined> {
    if (this.#batches === 0) this.#look();
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

  /** Whether this name leads to the file. */
  async leadsHere(path: string): Promise<boolean> {
    const found = await lstat(path, { bigint: true }).catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    });
    return found?.dev === this.#named.dev && found.ino === this.#named.ino;
  }

  /** Nothing, while the name leads to the file. */
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
    const expected = this.#end > this.#known.size ? this.#end : this.#known.size;
    if (now.size !== expected) this.#strange("bytes", `it has ${now.size} bytes, expected ${expected}`);
    this.#known = now;
    this.#end = 0n;
  }

  #compare({ size, mtimeNs, ctimeNs }: BigIntStats): void {
    const before = this.#known;
    if (size !== before.size) this.#strange("bytes", `it has ${size} bytes, expected ${before.size}`);
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
