import { DownloadError } from "../../errors/DownloadError.js";
import { pageError } from "./pageError.js";

/** Files of an origin are written fastest by handles that only workers are given; the code is text, so that no bundler has to know of it. */
const code = `
let file, access;
const looked = async () => {
  const size = access.getSize();
  return { size, stamp: size + "-" + (await file.getFile()).lastModified };
};
const verbs = {
  open: async (name) => {
    const root = await navigator.storage.getDirectory();
    file = await root.getFileHandle(name, { create: true });
    access = await file.createSyncAccessHandle();
    return looked();
  },
  write: (offset, buffer, length) => {
    for (let done = 0; done < length; ) {
      const written = access.write(new Uint8Array(buffer, done, length - done), { at: offset + done });
      if (written === 0) throw new DOMException("no byte of it was written", "QuotaExceededError");
      done += written;
    }
    return buffer;
  },
  read: (offset, length) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, access.getSize() - offset)));
    access.read(bytes, { at: offset });
    return bytes.buffer;
  },
  flush: () => (access.flush(), looked()),
  truncate: (size) => access.truncate(size),
  close: () => access.close(),
  rename: (name) => file.move(name),
};
onmessage = async ({ data: { id, verb, args } }) => {
  try {
    const value = await verbs[verb](...args);
    postMessage({ id, value }, value instanceof ArrayBuffer ? [value] : []);
  } catch ({ name, message }) {
    postMessage({ id, error: { name, message } });
  }
};
`;

/** A file's size, bytes, and the stamp that it has. */
export interface OpfsLook {
  readonly size: number;
  readonly stamp: string;
}

interface Verbs {
  open(name: string): OpfsLook;
  /** Gives the buffer back. */
  write(offset: number, buffer: ArrayBuffer, length: number): ArrayBuffer;
  /** Fewer bytes where the file ends. */
  read(offset: number, length: number): ArrayBuffer;
  flush(): OpfsLook;
  truncate(size: number): undefined;
  close(): undefined;
  rename(name: string): undefined;
}

interface Waiting {
  readonly verb: keyof Verbs;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: DownloadError) => void;
}

/**
 * A worker that has one file of the origin's private file system open. What it is asked for it does in that order; failures are `LOCAL_IO`. From one that has
 * failed itself, or has ended, nothing is to be had any more: each question fails at once.
 */
export class OpfsThread {
  readonly #name: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #death: DownloadError | undefined;

  /** `name` is that of the file, for errors. */
  constructor(name: string) {
    this.#name = name;
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    this.#worker = new Worker(url);
    URL.revokeObjectURL(url);
    this.#worker.addEventListener("message", ({ data }) => this.#answered(data as Answer));
    this.#worker.addEventListener("error", (event) => this.#failed(event));
  }

  ask<V extends keyof Verbs>(verb: V, ...args: Parameters<Verbs[V]>): Promise<ReturnType<Verbs[V]>> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) {
        reject(this.#death);
        return;
      }
      this.#waiting.set(id, { verb, resolve: (value) => resolve(value as ReturnType<Verbs[V]>), reject });
      const buffers = args.filter((each) => each instanceof ArrayBuffer);
      this.#worker.postMessage({ id, verb, args }, buffers);
    });
  }

  end(): void {
    this.#death ??= new DownloadError("LOCAL_IO", `${this.#name} is closed`);
    this.#worker.terminate();
  }

  #answered({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(pageError(waiting.verb, this.#name, error));
  }

  /** Failures outside of an answer end the worker: as a rule it never began, because its page may not have any. */
  #failed({ message = "" }: Partial<ErrorEvent>): void {
    const policy = "the page's policy has to allow workers of blobs (Content-Security-Policy: worker-src blob:)";
    const death = new DownloadError(
      "LOCAL_IO",
      `${this.#name} cannot be written: ${message === "" ? policy : message}`,
    );
    this.#death = death;
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(death);
    this.#waiting.clear();
  }
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}
