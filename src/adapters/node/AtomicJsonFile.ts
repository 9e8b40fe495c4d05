import { dirname } from "node:path";
import type { Adapter } from "lowdb";
import writeFileAtomic from "write-file-atomic";
import { onceThereIsRoom } from "./onceThereIsRoom.js";
import { openFile } from "./openFile.js";
import { syncFolder } from "./syncFolder.js";

/** A checkpoint of a million chunks with every limit used up stays below. */
const maxBytes = 16 * 1024 * 1024;

export interface AtomicJsonFileOptions {
  /** The file's permissions. @default as the system gives */
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
    const file = await openFile(this.#path, { followLinks: false });
    try {
      const { size } = await file.stat();
      if (size > maxBytes) throw new SyntaxError(`it has ${size} bytes, expected at most ${maxBytes}`);
      return JSON.parse(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  }

  async write(data: unknown): Promise<void> {
    const text = JSON.stringify(data);
    await onceThereIsRoom(() => writeFileAtomic(this.#path, text, this.#options));
    await syncFolder(dirname(this.#path));
  }
}
