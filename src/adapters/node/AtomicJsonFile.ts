import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Adapter } from "lowdb";
import writeFileAtomic from "write-file-atomic";
import { syncFolder } from "./syncFolder.js";

/** A checkpoint of a million chunks with every limit used up stays below. */
const maxBytes = 16 * 1024 * 1024;

export interface AtomicJsonFileOptions {
  /** Who may read and write it. @default as the system gives */
  readonly mode?: number;
}

/**
 * lowdb's own file adapter writes a draft of a fixed name and syncs nothing; this one writes a draft of its own, syncs it,
 * renames it and syncs the folder. A file too large to be ours is treated as one that is no JSON: `SyntaxError`.
 */
export class AtomicJsonFile implements Adapter<unknown> {
  readonly #path: string;

  readonly #options: AtomicJsonFileOptions;

  constructor(path: string, options: AtomicJsonFileOptions = {}) {
    this.#path = path;
    this.#options = options;
  }

  async read(): Promise<unknown> {
    const { size } = await stat(this.#path);
    if (size > maxBytes) throw new SyntaxError(`it has ${size} bytes, expected at most ${maxBytes}`);
    return JSON.parse(await readFile(this.#path, "utf8"));
  }

  async write(data: unknown): Promise<void> {
    await writeFileAtomic(this.#path, JSON.stringify(data), this.#options);
    await syncFolder(dirname(this.#path));
  }
}
