import type { ChildProcess } from "node:child_process";

/** Resolves with the exit code, or the signal that ended the process, when its output has been read to the end. */
export function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
}
