import type { Adapter } from "lowdb";
import { openFile } from "./openFile.js";
import { replaceFile, type ReplaceFileOptions } from "./replaceFile.js";

export interface AtomicJsonFileOptions extends ReplaceFileOptions {
  /** Bytes that are read at most. @default 1048576: a checkpoint of a million chunks with every limit used up stays below, and so does a catalogue */
  readonly maxBytes?: number;
}

/**
 * lowdb's own file adapter writes a draft of a fixed name and syncs nothing; this one replaces the file as `replaceFile` does. A file too large to be
 * ours is treated as one that is no JSON: `SyntaxError`.
 */
export class AtomicJsonFile implements Adapter<unknown> {
  readonly #path: string;

  readonly #options: ReplaceFileOptions;

  readonly #maxBytes: number;

  constructor(path: string, { maxBytes = 1024 * 1024, ...options }: AtomicJsonFileOptions = {}) {
    this.#path = path;
    this.#options = options;
    this.#maxBytes = maxBytes;
  }

  async read(): Promise<unknown> {
    const file = await openFile(this.#path, { followLinks: false, ...this.#options });
    try {
      const { size } = await file.stat();
      const most = this.#maxBytes;
      if (size > most) throw new SyntaxError(`it has ${size} bytes, expected at most ${most}`);
      return JSON.parse(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  }

  async write(data: unknown): Promise<void> {
    await replaceFile(this.#path, JSON.stringify(data), this.#options);
  }
}
