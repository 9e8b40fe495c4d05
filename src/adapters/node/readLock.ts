import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { DownloadError } from "../../errors/DownloadError.js";
import { isErrno } from "./localError.js";
import { type LockHolder, parseLockHolder } from "./LockHolder.js";
import { readOnly } from "./openFile.js";
import { isOfHere, isRunning } from "./processIdentity.js";
import { notAFile } from "./regularFile.js";

/** A record has some 200 bytes. */
const mostBytes = 4096;

/** A lock of elsewhere that was not renewed for so long is nobody's. */
export const staleMs = 60_000;

export const advice = "if no download runs, remove it";

/** A lock as it was found. */
export interface FoundLock extends LockHolder {
  /** When its holder renewed it last, by the clock of its disk, ms. */
  readonly renewedAt: number;
}

/**
 * The lock of this name, or nothing.
 *
 * @throws DownloadError `LOCKED` when it does not say whose it is, `LOCAL_IO` when it is no file; else what the system says.
 */
export function readLock(path: string): FoundLock | undefined {
  const record = readRecord(path);
  if (record === undefined) return undefined;
  try {
    return { ...parseLockHolder(record.text), renewedAt: record.renewedAt };
  } catch {
    throw held(path, `by whom cannot be read; ${advice}`);
  }
}

/** The text of a lock, at most 4096 bytes, or nothing. A link, which may lead nowhere, and a pipe, which may say nothing, are refused unopened. */
function readRecord(path: string): { readonly text: string; readonly renewedAt: number } | undefined {
  let file: number | undefined;
  try {
    const found = lstatSync(path);
    if (!found.isFile()) throw notAFile(path, found, `a file or nothing; ${advice}`);
    file = openSync(path, readOnly | constants.O_NOFOLLOW);
    const opened = fstatSync(file);
    if (!opened.isFile()) throw notAFile(path, opened, `a file or nothing; ${advice}`);
    const bytes = Buffer.alloc(mostBytes);
    return { text: bytes.toString("utf8", 0, readSync(file, bytes)), renewedAt: opened.mtimeMs };
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export function held(lockPath: string, reason: string): DownloadError {
  return new DownloadError("LOCKED", `${lockPath} says that this download is running already: ${reason}`);
}

/**
 * True when the holder of a lock may still hold it: one of here as long as it runs, one of another machine, container or run of the machine as long
 * as it renews it.
 */
export function isAlive(lock: FoundLock, now: number): boolean {
  return isOfHere(lock) ? isRunning(lock) : now - lock.renewedAt < staleMs;
}
