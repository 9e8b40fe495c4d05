import { lstatSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAlive, readLock, staleMs } from "./readLock.js";

/**
 * Removes the drafts of a lock that processes left behind which were killed while they asked for it; for the one who holds the lock. One that does not say
 * whose it is may be written at this moment, and goes when it is old. What cannot be removed stays. `now` is by the clock of the disk, ms.
 */
export function sweepLockDrafts(lockPath: string, now: number): void {
  const start = `${basename(lockPath)}.`;
  const folder = dirname(lockPath);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(start) || !/^[0-9a-f]{16}\.new$/.test(name.slice(start.length))) continue;
    const path = join(folder, name);
    try {
      if (!mayLive(path, now)) rmSync(path, { force: true });
    } catch {
      // Somebody else's, or gone by now.
    }
  }
}

function mayLive(path: string, now: number): boolean {
  try {
    const draft = readLock(path);
    return draft === undefined || isAlive(draft, now);
  } catch {
    return now - lstatSync(path).mtimeMs < staleMs;
  }
}
