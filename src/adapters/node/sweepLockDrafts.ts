import { lstatSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { LockHolder } from "./LockHolder.js";
import { isRunning } from "./processIdentity.js";

/** A draft lives for a few system calls. */
const longMs = 60_000;

/**
 * Removes the drafts of a lock that processes left behind which were killed while they asked for it; for the one who holds the lock. `read` says whose a draft is,
 * and throws when it does not say: such a one may be written at this moment, and goes when it is old. What cannot be removed stays.
 */
export function sweepLockDrafts(lockPath: string, read: (path: string) => LockHolder | undefined): void {
  const start = `${basename(lockPath)}.`;
  const folder = dirname(lockPath);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(start) || !name.endsWith(".new")) continue;
    const path = join(folder, name);
    try {
      if (!mayLive(path, read)) rmSync(path, { force: true });
    } catch {
      // Somebody else's, or gone by now.
    }
  }
}

function mayLive(path: string, read: (path: string) => LockHolder | undefined): boolean {
  try {
    const holder = read(path);
    return holder === undefined || isRunning(holder);
  } catch {
    return Date.now() - lstatSync(path).mtimeMs < longMs;
  }
}
