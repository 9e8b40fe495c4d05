import { Worker } from "node:worker_threads";

/** A file's size and times, as seen before and after each write. */
export interface FileLook {
  /** Size of the file, bytes. */
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** A file just before a write and just after it, where the write ended, and what kept it from coming further. */
export interface ThreadWrite {
  readonly before: FileLook;
  readonly after: FileLook;
  readonly end: number;
  /** CRC-32 of the bytes, where it was asked for. */
  readonly sum?: number;
  readonly failure?: Pick<NodeJS.ErrnoException, "message" | "code" | "errno">;
}

interface Order {
  readonly id: number;
  readonly block: ArrayBufferLike;
  /** Where the bytes lie in the block. */
  readonly start: number;
  readonly length: number;
  /** Where they go in the file. */
  readonly offset: number;
  readonly isSummed: boolean;
}

interface Waiter {
  readonly resolve: (write: ThreadWrite) => void;
  readonly reject: (error: unknown) => void;
}

/** In words of its own, so that it needs no file beside it: neither bundlers nor tests have to know of one. */
const program = `
const { parentPort, workerData: fd } = require("node:worker_threads");
const { fstatSync, writeSync } = require("node:fs");
const { crc32 } = require("node:zlib");

const look = () => {
  const { size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  return { size, mtimeNs, ctimeNs };
};

parentPort.on("message", ({ id, block, start, length, offset, isSummed }) => {
  const bytes = new Uint8Array(block, start, length);
  const before = look();
  let done = 0;
  let failure;
  try {
    while (done < length) done += writeSync(fd, bytes, done, length - done, offset + done);
  } catch ({ message, code, errno }) {
    failure = { message, code, errno };
  }
  const after = look();
  const sum = isSummed ? crc32(bytes) : undefined;
  parentPort.postMessage({ id, before, after, end: offset + done, sum, failure });
});
`;

/**
 * The writes of one large file, on a thread of their own, one after the other: a write and the looks before and after it follow each other at once,
 * where the thread pool needs the main thread between them, which reads and hashes for tens of milliseconds at a time. Bytes in shared memory are
 * written as they lie there, others are copied.
 */
export class FileThread {
  readonly #worker: Worker;
  readonly #waiters = new Map<number, Waiter>();
  #orders = 0;
  /** The error that the thread ended with. */
  #failure: Error | undefined;
  #hasAnswered = false;

  /**
   * `fd`: of the file, which stays open until `end` has been called and has ended.
   *
   * @throws Error where threads are forbidden.
   */
  constructor(fd: number) {
    // Without the flags of this process: they may say that text is a module, or load things into each thread.
    this.#worker = new Worker(program, { eval: true, workerData: fd, stdin: false, execArgv: [] });
    this.#worker.unref();
    this.#worker.on("message", ({ id, ...write }: ThreadWrite & Pick<Order, "id">) => this.#hear(id, write));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the thread that writes has ended")));
  }

  /** True when it has worked at all: threads may be forbidden, or too many. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Writes all of the bytes, and sums them if asked to; they must not change until that has ended. Rejects when the thread has ended before. */
  async write(offset: number, bytes: Uint8Array, isSummed = false): Promise<ThreadWrite> {
    if (this.#failure !== undefined) throw this.#failure;
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    const { buffer: block, byteOffset: start, length } = isShared ? bytes : new Uint8Array(bytes);
    const order: Order = { id: (this.#orders += 1), block, start, length, offset, isSummed };
    return new Promise((resolve, reject) => {
      if (this.#waiters.size === 0) this.#worker.ref();
      this.#waiters.set(order.id, { resolve, reject });
      this.#worker.postMessage(order, block instanceof ArrayBuffer ? [block] : []);
    });
  }

  /** Ends the thread, when nothing is being written. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(id: number, write: ThreadWrite): void {
    this.#hasAnswered = true;
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (this.#waiters.size === 0) this.#worker.unref();
    waiter?.resolve(write);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const { reject } of waiters) reject(this.#failure);
  }
}
