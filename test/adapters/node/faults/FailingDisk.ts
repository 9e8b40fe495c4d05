import type { FileHandle } from "node:fs/promises";
import { type Disk, systemDisk } from "../../../../src/adapters/node/Disk.js";

export const callKinds = [
  "open",
  "write",
  "sync",
  "rename",
  "truncate",
  "stat",
  "remove",
  "statfs",
  "readdir",
] as const;
export type CallKind = (typeof callKinds)[number];

/** The call that fails, the `nth` of its kind from 1, and how. */
export interface FailingCall {
  readonly kind: CallKind;
  readonly nth: number;
  readonly code: "EIO" | "ENOSPC";
}

/** The system's disk, of which one call fails. It counts all. */
export class FailingDisk {
  readonly counts = new Map<CallKind, number>();
  readonly disk: Disk;
  readonly #failing: FailingCall | undefined;

  constructor(failing?: FailingCall) {
    this.#failing = failing;
    const { open, rename, lstat, rm, statfs, readdir } = systemDisk;
    this.disk = {
      open: async (...args: Parameters<typeof open>) => {
        this.#call("open");
        return this.#watched(await open(...args));
      },
      rename: this.#counted("rename", rename),
      lstat: this.#counted("stat", lstat as (...args: readonly unknown[]) => Promise<unknown>),
      rm: this.#counted("remove", rm),
      statfs: this.#counted("statfs", statfs as (...args: readonly unknown[]) => Promise<unknown>),
      readdir: this.#counted("readdir", readdir as (...args: readonly unknown[]) => Promise<unknown>),
    } as Disk;
  }

  #watched(handle: FileHandle): FileHandle {
    const kinds: Readonly<Record<string, CallKind>> = {
      write: "write",
      sync: "sync",
      datasync: "sync",
      truncate: "truncate",
      stat: "stat",
    };
    return new Proxy(handle, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name, target);
        if (typeof found !== "function") return found;
        const bound = found.bind(target) as (...args: readonly unknown[]) => Promise<unknown>;
        const kind = typeof name === "string" ? kinds[name] : undefined;
        return kind === undefined ? bound : this.#counted(kind, bound);
      },
    });
  }

  #counted<A extends readonly unknown[], R>(kind: CallKind, call: (...args: A) => Promise<R>) {
    return async (...args: A): Promise<R> => {
      this.#call(kind);
      return call(...args);
    };
  }

  #call(kind: CallKind): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (this.#failing?.kind !== kind || this.#failing.nth !== count) return;
    const { code } = this.#failing;
    const errno = code === "EIO" ? -5 : -28;
    throw Object.assign(new Error(`${code}: as scripted`), { code, errno, syscall: kind });
  }
}
