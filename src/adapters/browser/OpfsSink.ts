import { defer, finalize, from, ignoreElements, type Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { ProvenBytes } from "../../seeder/ProvenSource.js";
import type { ChunkSink } from "../../storage/ChunkSink.js";
import { type OpfsLook, OpfsThread } from "./OpfsThread.js";
import { pageError } from "./pageError.js";

/** Where a file is to be when it is whole. */
export interface OpfsTarget {
  /** Name in the origin's private file system; until then with `.part` behind it. */
  readonly name: string;
  /** A file that the user chose, into which it is copied, and then is no more where it was. @default it stays */
  readonly to?: FileSystemFileHandle | undefined;
}

/** A file in the private file system of a page's origin (OPFS), written by a worker; it is there after a reload, and after a crash. */
export class OpfsSink implements ChunkSink {
  readonly #target: OpfsTarget;
  readonly #partName: string;
  /** Memory that the worker has given back. */
  readonly #free: ArrayBuffer[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #thread: OpfsThread | undefined;
  #size = 0;
  #last = 0;
  /** The failure of a write that nobody listened to. */
  #unheard: DownloadError | undefined;
  #file: File | undefined;
  /** The file that nobody writes to any more, from the moment on when the worker lets go of it. */
  #whole: Promise<File> | undefined;

  constructor(target: OpfsTarget) {
    this.#target = target;
    this.#partName = `${target.name}.part`;
  }

  /** The file, once `finish` has succeeded. */
  get file(): File | undefined {
    return this.#file;
  }

  /** Bytes that are here, for others: of the `.part`, and then of the file that has its name. One that somebody changes then is `RESOURCE_CHANGED`. */
  reader(): ProvenBytes {
    return { read: (offset, length) => defer(() => this.#bytes(offset, length)) };
  }

  open(size: number): Observable<{ readonly size: number; readonly stamp?: string }> {
    return this.#once("open", async () => {
      if (this.#thread !== undefined) throw this.#refusal("is in use already");
      const thread = (this.#thread = new OpfsThread(this.#partName));
      try {
        const found = await thread.ask("open", this.#partName);
        this.#size = size;
        this.#last = 0;
        this.#whole = undefined;
        return found.size === 0 ? { size: 0 } : found;
      } catch (error) {
        this.#letGo();
        throw error;
      }
    });
  }

  write(offset: number, bytes: Uint8Array): Observable<never> {
    return this.#once("write", async () => {
      const thread = this.#opened();
      if (offset < 0 || offset + bytes.length > this.#size) {
        throw this.#refusal(`has room for ${this.#size} bytes, got ${bytes.length} for offset ${offset}`);
      }
      this.#last = offset + bytes.length;
      const memory = this.#memory(bytes.length);
      new Uint8Array(memory).set(bytes);
      this.#free.push(await thread.ask("write", offset, memory, bytes.length));
    }).pipe(ignoreElements());
  }

  read(offset: number, length: number): Observable<Uint8Array> {
    return this.#once("read", async () => new Uint8Array(await this.#opened().ask("read", offset, length)));
  }

  sync(): Observable<string> {
    return this.#once("sync", async () => (await this.#stored()).stamp);
  }

  finish(): Observable<never> {
    return this.#once("finish", async () => {
      const { size } = await this.#stored();
      const wanted = this.#size === Infinity ? this.#last : this.#size;
      if (size < wanted) throw this.#refusal(`has ${size} bytes, expected ${wanted}: it is not whole`);
      const thread = this.#opened();
      await thread.ask("truncate", wanted);
      await thread.ask("flush");
      this.#whole = this.#named(thread);
      this.#file = await this.#whole;
      this.#letGo();
    }).pipe(ignoreElements());
  }

  close(): Observable<never> {
    return defer(async () => {
      await Promise.allSettled(this.#running);
      const thread = this.#thread;
      this.#letGo(false);
      await thread?.ask("close");
      thread?.end();
    }).pipe(ignoreElements());
  }

  async #named(thread: OpfsThread): Promise<File> {
    const { name, to } = this.#target;
    await thread.ask("close");
    const root = await navigator.storage.getDirectory();
    if (to === undefined) {
      await thread.ask("rename", name);
      return (await root.getFileHandle(name)).getFile();
    }
    const part = await (await root.getFileHandle(this.#partName)).getFile();
    this.#whole = Promise.resolve(part);
    await part.stream().pipeTo(await to.createWritable());
    const file = await to.getFile();
    this.#whole = Promise.resolve(file);
    await root.removeEntry(this.#partName);
    return file;
  }

  async #bytes(offset: number, length: number): Promise<Uint8Array> {
    if (this.#whole === undefined) return new Uint8Array(await this.#opened().ask("read", offset, length));
    const file = await this.#whole;
    const bytes = await file
      .slice(offset, offset + length)
      .arrayBuffer()
      .catch((cause: unknown) => {
        throw new DownloadError("RESOURCE_CHANGED", `${file.name} changed since it was whole`, { cause });
      });
    return new Uint8Array(bytes);
  }

  /** Syncs; fails with what nobody has heard of yet. */
  async #stored(): Promise<OpfsLook> {
    const look = await this.#opened().ask("flush");
    const failure = this.#unheard;
    this.#unheard = undefined;
    if (failure !== undefined) throw failure;
    return look;
  }

  #opened(): OpfsThread {
    if (this.#thread === undefined) throw this.#refusal("is not open");
    return this.#thread;
  }

  #letGo(isOver = true): void {
    if (isOver) this.#thread?.end();
    this.#thread = undefined;
    this.#free.length = 0;
  }

  #memory(bytes: number): ArrayBuffer {
    const index = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    return found ?? new ArrayBuffer(bytes);
  }

  #refusal(what: string): DownloadError {
    return new DownloadError("LOCAL_IO", `${this.#partName} ${what}`);
  }

  /** Runs the work once a subscription, and to its end even if unsubscribed. */
  #once<T>(verb: string, work: () => Promise<T>): Observable<T> {
    return defer(() => {
      let isLeft = false;
      const running = work()
        .catch((cause: unknown) => {
          const error = pageError(verb, this.#partName, cause);
          if (isLeft && verb === "write") this.#unheard ??= error;
          throw error;
        })
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
      return from(running).pipe(finalize(() => (isLeft = true)));
    });
  }
}
