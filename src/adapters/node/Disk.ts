import { lstat, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { onceThereIsRoom } from "./onceThereIsRoom.js";

/** The system, for the bytes and the record of a download. */
export const systemDisk = {
  lstat,
  open: (...asked: Parameters<typeof open>) => onceThereIsRoom(() => open(...asked)),
  readdir,
  rename,
  rm,
  statfs,
} as const;

/** Calls that keep the bytes and the record of a download: those of `node:fs`, unless somebody wants to know what becomes of the one that fails. */
export type Disk = typeof systemDisk;
