import { setTimeout } from "node:timers/promises";
import { isErrno } from "./localError.js";

const everyMs = 50;
const longestMs = 10_000;

/**
 * Opens a file, again and again for 10 s while this process has no file descriptor left for it: connections hold them, and give them back as they end. Another
 * failure, or this one after that time, rejects with the system's error.
 */
export async function onceThereIsRoom<T>(open: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += everyMs) {
    try {
      return await open();
    } catch (error) {
      if (!isErrno(error, "EMFILE", "ENFILE") || waitedMs >= longestMs) throw error;
      await setTimeout(everyMs);
    }
  }
}
