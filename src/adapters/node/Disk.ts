import { lstat, open, readdir, rename, rm, statfs } from "node:fs/promises";

/** The system, for the bytes and the record of a download. */
export const systemDisk = { lstat, open, readdir, rename, rm, statfs } as const;

/** Calls that keep the bytes and the record of a download: those of `node:fs`, unless somebody wants to know what becomes of the one that fails. */
export type Disk = typeof systemDisk;
