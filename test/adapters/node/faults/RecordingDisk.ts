import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { type Disk, systemDisk } from "../../../../src/adapters/node/Disk.js";

/** One change of a folder or of a file in it, in the order of their ends. A sync vouches for what had ended when it began: all before `upTo`. */
export type DiskChange =
  | { readonly kind: "create"; readonly name: string; readonly file: number }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "write"; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: number; readonly size: number }
  | { readonly kind: "sync"; readonly file: number; readonly upTo: number }
  | { readonly kind: "sync-folder"; readonly upTo: number }
  /** Somebody was told that all is well. */
  | { readonly kind: "told" };

/** The system's disk, and a record of all that changed one folder. Nothing is really synced, which takes its time and is not to be seen. */
export class RecordingDisk {
  readonly changes: DiskChange[] = [];
  readonly disk: Disk;
  readonly #files = new Map<string, number>();
  #count = 0;

  /** `present`: files that are there already, each with its number. */
  constructor(folder: string, present: ReadonlyMap<string, number> = new Map()) {
    for (const [name, file] of present) this.#files.set(name, file);
    this.#count = Math.max(-1, ...present.values()) + 1;
    const open = async (path: string, flags?: string | number, mode?: number): Promise<FileHandle> => {
      const handle = await systemDisk.open(path, flags, mode);
      if (path === folder) return this.#watched(handle, undefined);
      const name = basename(path);
      const isNew = typeof flags === "number" && (flags & constants.O_CREAT) !== 0;
      if (isNew) {
        this.#files.set(name, this.#count++);
        this.changes.push({ kind: "create", name, file: this.#numberOf(name) });
      }
      return this.#watched(handle, this.#numberOf(name));
    };
    const rename = async (from: string, to: string): Promise<void> => {
      await systemDisk.rename(from, to);
      const [before, after] = [basename(from), basename(to)];
      this.#files.set(after, this.#numberOf(before));
      this.#files.delete(before);
      this.changes.push({ kind: "rename", from: before, to: after });
    };
    const rm = async (path: string, options?: { readonly force?: boolean }): Promise<void> => {
      await systemDisk.rm(path, options);
      if (this.#files.delete(basename(path))) this.changes.push({ kind: "remove", name: basename(path) });
    };
    this.disk = { ...systemDisk, open, rename, rm } as Disk;
  }

  /** Somebody hears now that all is well. */
  told(): void {
    this.changes.push({ kind: "told" });
  }

  #numberOf(name: string): number {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`${name} was opened and never made`);
    return file;
  }

  /** The handle of a file, or of the folder. */
  #watched(handle: FileHandle, file: number | undefined): FileHandle {
    const sync = async (): Promise<void> => {
      const upTo = this.changes.length;
      await Promise.resolve();
      this.changes.push(file === undefined ? { kind: "sync-folder", upTo } : { kind: "sync", file, upTo });
    };
    const write = async (bytes: Uint8Array, from: number, length: number, offset: number) => {
      const copy = Buffer.from(bytes.subarray(from, from + length));
      const result = await handle.write(bytes, from, length, offset);
      const written = copy.subarray(0, result.bytesWritten);
      if (file !== undefined) this.changes.push({ kind: "write", file, offset, bytes: written });
      return result;
    };
    const truncate = async (size: number): Promise<void> => {
      await handle.truncate(size);
      if (file !== undefined) this.changes.push({ kind: "truncate", file, size });
    };
    const own: Readonly<Record<string, unknown>> = {
      write,
      truncate,
      sync,
      datasync: sync,
    };
    return new Proxy(handle, {
      get: (target, name) => {
        if (typeof name === "string" && Object.hasOwn(own, name)) return own[name];
        const found: unknown = Reflect.get(target, name, target);
        return typeof found === "function" ? (found.bind(target) as unknown) : found;
      },
    });
  }
}
