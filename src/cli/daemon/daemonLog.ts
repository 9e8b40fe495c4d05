import { appendFileSync, copyFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { printable } from "../../command.js";

/** Bytes that the log may have; those before are kept once, as `<path>.1`. */
const mostBytes = 512 * 1024;

/**
 * Writer of the log of a daemon that nobody watches: a line for each text, with its time. The file is emptied in its place when it is full, because Node
 * itself holds it, for what it says of a crash.
 */
export function daemonLog(path: string, now: () => Date = () => new Date()): (text: string) => void {
  return (text) => {
    const line = `${now().toISOString()} ${printable(text)}\n`;
    try {
      if (sizeOf(path) + line.length > mostBytes) setAside(path);
      appendFileSync(path, line, { mode: 0o600 });
    } catch {
      // A log that cannot be written keeps no daemon from its work.
    }
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function setAside(path: string): void {
  rmSync(`${path}.1`, { force: true });
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
