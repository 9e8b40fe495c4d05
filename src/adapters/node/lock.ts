import { randomUUID } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { asyncScheduler, interval, Observable, type SchedulerLike } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { isErrno, localError } from "./localError.js";
import { idInNames, type LockHolder } from "./LockHolder.js";
import { isOfHere, ownIdentity } from "./processIdentity.js";
import { advice, type FoundLock, held, isAlive, readLock, staleMs } from "./readLock.js";
import { sweepLockDrafts } from "./sweepLockDrafts.js";

/** Each try that fails, and each member of a chain, is another process that came or went at this very moment. */
const mostTries = 100;

/** How often a holder tells those who cannot see its process that it is there. */
const renewEveryMs = 10_000;

/** A lock while it is held. */
export interface HeldLock {
  /** For whoever is about to write. @throws DownloadError `LOCKED` when another may hold it by now. */
  check(): void;
}

/**
 * Holds the download whose bytes are in `partPath`, for this process and this subscription alone, by `<partPath>.lock`.
 * Emits once when it is held; unsubscribing lets go at once. Errors with `LOCKED`, which names the process that holds it, or
 * with `LOCAL_IO`; and with `LOCKED` when it was lost.
 *
 * The file says who holds it, so the lock of a process that is gone counts for nothing from that moment. (proper-lockfile
 * cannot do this: it knows a lock by its age alone, takes over none under two seconds, and one whose process was only
 * stopped for longer it gives away.)
 *
 * A process of another machine, container or run of the machine cannot be seen. So a lock is renewed every ten seconds, by writing its first byte again, and
 * that of a holder elsewhere which has not done so for a minute counts for nothing. A holder that was stopped for that long looks before it writes.
 *
 * The lock of a dead holder D is taken over thus: link our record to `<lock>.<D's id>`, which only one can; look again
 * whether the lock is still D's, because another may have come and gone; rename our record over the lock. A process that
 * dies in the middle is the next dead holder in that chain. So at no time do two hold it, and none is held by a dead one.
 *
 * All calls are synchronous: there are about eight, once a download, and none can be overtaken by an unsubscribe.
 */
export function lockDownload(partPath: string, scheduler: SchedulerLike = asyncScheduler): Observable<HeldLock> {
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
    const renewal = new Renewal(lockPath, own, scheduler);
    subscriber.add(
      interval(renewEveryMs, scheduler).subscribe(() => renewal.renew((error) => subscriber.error(error))),
    );
    subscriber.next({ check: () => renewal.check() });
  });
}

/** Keeps a lock from looking left. */
class Renewal {
  readonly #lockPath: string;
  readonly #own: LockHolder;
  readonly #scheduler: SchedulerLike;
  #renewedAt: number;
  #lost: DownloadError | undefined;

  constructor(lockPath: string, own: LockHolder, scheduler: SchedulerLike) {
    this.#lockPath = lockPath;
    this.#own = own;
    this.#scheduler = scheduler;
    this.#renewedAt = scheduler.now();
  }

  /** A machine that slept, or a process that was stopped, comes here before its timers do. */
  check(): void {
    if (this.#scheduler.now() - this.#renewedAt > 2 * renewEveryMs) this.renew(() => undefined);
    if (this.#lost !== undefined) throw this.#lost;
  }

  renew(onLost: (error: DownloadError) => void): void {
    if (this.#lost !== undefined) return;
    const now = this.#scheduler.now();
    try {
      if (touch(this.#lockPath, this.#own)) this.#renewedAt = now;
      else this.#lost = lost(this.#lockPath, "another has taken it, or somebody removed it");
    } catch (error) {
      // A disk may be away for a while, as one of the network.
      if (now - this.#renewedAt >= staleMs)
        this.#lost = lost(this.#lockPath, localError("renew", this.#lockPath, error).message);
    }
    if (this.#lost !== undefined) onLost(this.#lost);
  }
}

function lost(lockPath: string, why: string): DownloadError {
  return new DownloadError("LOCKED", `${lockPath} is not held any more: ${why}; nothing more is written`);
}

/** Renews a lock by the clock of its disk; false when it is another's, or gone. */
function touch(lockPath: string, own: LockHolder): boolean {
  if (!isOurs(lockPath, own)) return false;
  const file = openSync(lockPath, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    writeSync(file, "{", 0);
    return true;
  } finally {
    closeSync(file);
  }
}

function acquire(lockPath: string, own: LockHolder): void {
  const draft = `${lockPath}.${idInNames(own)}.new`;
  const now = writeDurably(draft, JSON.stringify(own));
  try {
    for (let tries = 1; !tryAcquire(lockPath, draft, now); tries += 1)
      if (tries === mostTries) throw held(lockPath, `it changed hands ${tries} times while it was asked for`);
  } finally {
    rmSync(draft, { force: true });
  }
  sweepLockDrafts(lockPath, now);
}

/** Tells whether the lock is ours now; false when others moved meanwhile. `now` is the time by the clock of its disk. */
function tryAcquire(lockPath: string, draft: string, now: number): boolean {
  if (linkExclusively(draft, lockPath)) return true;
  const first = readLock(lockPath);
  if (first === undefined) return false;
  const chain: string[] = [];
  for (let last = first; ;) {
    if (isAlive(last, now)) throw held(lockPath, whoIsAtIt(last, now));
    if (chain.length === mostTries)
      throw held(lockPath, `${chain.length} processes died one after the other over it; ${advice}`);
    const next = `${lockPath}.${idInNames(last)}`;
    chain.push(next);
    if (linkExclusively(draft, next)) return takeOver(lockPath, { first, chain, now });
    const follower = readLock(next);
    if (follower === undefined) return false;
    last = follower;
  }
}

function whoIsAtIt(lock: FoundLock, now: number): string {
  if (isOfHere(lock)) return `process ${lock.pid} is at it`;
  const seconds = Math.max(0, Math.round((now - lock.renewedAt) / 1000));
  return `process ${lock.pid} of another machine, container or run of this machine renewed it ${seconds} s ago; after ${staleMs / 1000} s without that it counts for nothing`;
}

function takeOver(
  lockPath: string,
  { first, chain, now }: { readonly first: FoundLock; readonly chain: readonly string[]; readonly now: number },
): boolean {
  const own = chain.at(-1) ?? "";
  const present = readLock(lockPath);
  // Not renewed meanwhile, either.
  if (present?.id !== first.id || isAlive(present, now)) {
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
    return readLock(lockPath)?.id === own.id;
  } catch {
    // A file that cannot be read is not the record that was written here.
    return false;
  }
}

/**
 * The process that holds the download whose bytes are in `partPath`; nothing where none that runs does. For those who only look.
 *
 * @throws DownloadError `LOCKED` when the lock does not say who holds it, `LOCAL_IO` when it cannot be read.
 */
export function holderOf(partPath: string): LockHolder | undefined {
  try {
    const lock = readLock(`${partPath}.lock`);
    return lock !== undefined && isAlive(lock, Date.now()) ? lock : undefined;
  } catch (error) {
    throw localError("read", `${partPath}.lock`, error);
  }
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

/** Synced, so that a power loss cannot leave a lock that says nothing. Answers the time by the clock of the disk, ms. */
function writeDurably(path: string, text: string): number {
  const file = openSync(path, "wx");
  try {
    writeSync(file, text);
    fsyncSync(file);
    return fstatSync(file).mtimeMs;
  } finally {
    closeSync(file);
  }
}
