import type { FileRun } from "./FileRun.js";
import type { ListTotal } from "./ListEvent.js";

/** The time over which a rate is taken, ms. */
const windowMs = 5000;

/** The part of a file that is added up. */
type Tallied = Pick<FileRun, "state" | "done" | "received" | "listed">;

/** Adds up the files of a list. */
export class ListTally {
  readonly #files: ReadonlyMap<number, Tallied>;
  readonly #now: () => number;
  /** Bytes that had come by then, oldest first. */
  #seen: { readonly at: number; readonly arrived: number }[];
  /** Bytes that each file's run had brought when it was last looked at. */
  readonly #received = new Map<number, number>();
  #arrived = 0;

  constructor(files: ReadonlyMap<number, Tallied>, now: () => number) {
    this.#files = files;
    this.#now = now;
    this.#seen = [{ at: now(), arrived: 0 }];
  }

  total(): ListTotal {
    const states = { waiting: 0, reading: 0, running: 0, completed: 0, failed: 0, paused: 0, cancelled: 0 };
    let [bytesDone, bytesKnown, filesUnsized] = [0, 0, 0];
    for (const [number, file] of this.#files) {
      states[file.state] += 1;
      bytesDone += file.done;
      bytesKnown += file.listed.size ?? 0;
      if (file.listed.size === undefined && isOpen(file)) filesUnsized += 1;
      this.#take(number, file.received);
    }
    return {
      ...{ bytesDone, bytesKnown, bytesPerSecond: this.#rate() },
      ...{ filesDone: states.completed, filesFailed: states.failed, filesStopped: states.paused + states.cancelled },
      ...{ filesRunning: states.running, filesWaiting: states.waiting + states.reading, filesUnsized },
    };
  }

  /** A file that is taken up again counts from 0 again, and one that leaves the list takes nothing back. */
  #take(number: number, received: number): void {
    const before = this.#received.get(number) ?? 0;
    this.#arrived += received < before ? received : received - before;
    this.#received.set(number, received);
  }

  #rate(): number {
    const [at, arrived] = [this.#now(), this.#arrived];
    const last = this.#seen.at(-1);
    // Nothing came in an idle time, so that what comes after it came in the window.
    if (last !== undefined && at - last.at > windowMs) this.#seen = [{ at: at - windowMs, arrived: last.arrived }];
    const isOld = ({ at: seenAt }: { readonly at: number }): boolean => seenAt < at - windowMs;
    while (this.#seen[1] !== undefined && isOld(this.#seen[1])) this.#seen.shift();
    const first = this.#seen[0] ?? { at, arrived };
    this.#seen.push({ at, arrived });
    const elapsedMs = at - first.at;
    return elapsedMs > 0 ? Math.round(((arrived - first.arrived) * 1000) / elapsedMs) : 0;
  }
}

/** True for a file that has not ended. */
function isOpen({ state }: Tallied): boolean {
  return state === "waiting" || state === "reading" || state === "running";
}
