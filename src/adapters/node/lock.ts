import { randomUUID } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { Observable } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { isErrno, localError } from "./localError.js";
import { type LockHolder, parseLockHolder } from "./LockHolder.js";
import { readOnly } from "./openFile.js";
import { isRunning, ownIdentity } from "./processIdentity.js";
import { notAFile } from "./regularFile.js";
import { sweepLockDrafts } from "./sweepLockDrafts.js";

/** A record has some 200 bytes. */
const mostBytes = 4096;

/** Each try that fails, and each member of a chain, is another process that came or went at this very moment. */
const mostTries = 100;

const advice = "if no download runs, remove it";

/**
 * Holds the download whose bytes are in `partPath`, for this process and this subscription alone, by `<partPath>.lock`.
 * Emits once when it is held; unsubscribing lets go at once. Errors with `LOCKED`, which names the process that holds it, or
 * with `LOCAL_IO`.
 *
 * The file says who holds it, so the lock of a process that is gone counts for nothing from that moment. (proper-lockfile
 * cannot do this: it knows a lock by its age alone, takes over none under two seconds, and one whose process was only
 * stopped for longer it gives away.)
 *
 * The lock of a dead holder D is taken over thus: link our record to `<lock>.<D's id>`, which only one can; look again
 * whether the lock is still D's, because another may have come and gone; rename our record over the lock. A process that
 * dies in the middle is the next dead holder in that chain. So at no time do two hold it, and none is held by a dead one.
 *
 * All calls are synchronous: there are about eight, once a download, and none can be overtaken by an unsubscribe.
 */
export function lockDownload(partPath: string): Observable<void> {
  return new Observable((subscriber) => {
    const lockPath = `${partPath}.lock`;
    const own: LockHolder = { id: randomUUID(), ...ownIdentity() };
    try {
      acquire(lockPath, own);
    } catch (error) {
      subscriber.error(localError("lock", partPath, error));
      return;
    }
    subscriber.add(() => release(lockPath, own));
    subscriber.next();
  });
}

function acquire(lockPath: string, own: LockHolder): void {
  const draft = `${lockPath}.${own.id}.new`;
  writeDurably(draft, JSON.stringify(own));
  try {
    for (let tries = 1; !tryAcquire(lockPath, draft); tries += 1)
      if (tries === mostTries) throw held(lockPath, `it changed hands ${tries} times while it was asked for`);
  } finally {
    rmSync(draft, { force: true });
  }
  sweepLockDrafts(lockPath, readHolder);
}

/** Tells whether the lock is ours now; false when others moved meanwhile. */
function tryAcquire(lockPath: string, draft: string): boolean {
  if (linkExclusively(draft, lockPath)) return true;
  const first = readHolder(lockPath);
  if (first === undefined) return false;
  const chain: string[] = [];
  for (let last = first; ;) {
    if (isRunning(last)) throw held(lockPath, `process ${last.pid} is at it`);
    if (chain.length === mostTries)
      throw held(lockPath, `${chain.length} processes died one after the other over it; ${advice}`);
    const next = `${lockPath}.${last.id}`;
    chain.push(next);
    if (linkExclusively(draft, next)) return takeOver(lockPath, first, chain);
    const follower = readHolder(next);
    if (follower === undefined) return false;
    last = follower;
  }
}

function takeOver(lockPath: string, first: LockHolder, chain: readonly string[]): boolean {
  const own = chain.at(-1) ?? "";
  const stillTheirs = readHolder(lockPath)?.id === first.id;
  if (!stillTheirs) {
    rmSync(own, { force: true });
    return false;
  }
  renameSync(own, lockPath);
  for (const path of chain.slice(0, -1)) rmSync(path, { force: true });
  return true;
}

/** A lock that somebody removed by hand may be another's by now. */
function release(lockPath: string, own: LockHolder): void {
  if (isOurs(lockPath, own)) rmSync(lockPath, { force: true });
}

function isOurs(lockPath: string, own: LockHolder): boolean {
  try {
    return readHolder(lockPath)?.id === own.id;
  } catch {
    // A file that cannot be read is not the record that was written here.
    return false;
  }
}

/**
 * Tells whether a process that runs holds the download whose bytes are in `partPath`. For those who only look.
 *
 * @throws DownloadError `LOCKED` when the lock does not say who holds it, `LOCAL_IO` when it cannot be read.
 */
export function isHeld(partPath: string): boolean {
  try {
    const holder = readHolder(`${partPath}.lock`);
    return holder !== undefined && isRunning(holder);
  } catch (error) {
    throw localError("read", `${partPath}.lock`, error);
  }
}

function readHolder(path: string): LockHolder | undefined {
  const text = readRecord(path);
  if (text === undefined) return undefined;
  try {
    return parseLockHolder(text);
  } catch {
    throw held(path, `by whom cannot be read; ${advice}`);
  }
}

/** The text of a lock, at most 4096 bytes, or nothing. A link, which may lead nowhere, and a pipe, which may say nothing, are refused unopened. */
function readRecord(path: string): string | undefined {
  let file: number | undefined;
  try {
    const found = lstatSync(path);
    if (!found.isFile()) throw notAFile(path, found, `a file or nothing; ${advice}`);
    file = openSync(path, readOnly | constants.O_NOFOLLOW);
    const opened = fstatSync(file);
    if (!opened.isFile()) throw notAFile(path, opened, `a file or nothing; ${advice}`);
    const bytes = Buffer.alloc(mostBytes);
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function held(lockPath: string, reason: string): DownloadError {
  return new DownloadError("LOCKED", `${lockPath} says that this download is running already: ${reason}`);
}

/** Gives the draft one more name, unless that name is taken. The record is whole from the first moment that others see it. */
function linkExclusively(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    if (!isErrno(error, "EPERM", "ENOTSUP", "ENOSYS", "EMLINK")) throw error;
  }
  return copyExclusively(draft, path);
}

/** For file systems without hard links, such as those of USB sticks. */
function copyExclusively(draft: string, path: string): boolean {
  try {
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** Synced, so that a power loss cannot leave a lock that says nothing. */
function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx");
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
