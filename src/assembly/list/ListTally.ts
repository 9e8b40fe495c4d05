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
  readonly #seen: { readonly at: number; readonly received: number }[];

  constructor(files: ReadonlyMap<number, Tallied>, now: () => number) {
    this.#files = files;
    this.#now = now;
    this.#seen = [{ at: now(), received: 0 }];
  }

  total(): ListTotal {
    const states = { waiting: 0, reading: 0, running: 0, completed: 0, failed: 0, paused: 0, cancelled: 0 };
    let [bytesDone, bytesKnown, received] = [0, 0, 0];
    for (const file of this.#files.values()) {
      states[file.state] += 1;
      bytesDone += file.done;
      bytesKnown += file.listed.size ?? 0;
      received += file.received;
    }
    return {
      ...{ bytesDone, bytesKnown, bytesPerSecond: this.#rate(received) },
      ...{ filesDone: states.completed, filesFailed: states.failed, filesStopped: states.paused + states.cancelled },
      ...{ filesRunning: states.running, filesWaiting: states.waiting + states.reading },
    };
  }

  #rate(received: number): number {
    const at = this.#now();
    const isOld = ({ at: seenAt }: { readonly at: number }): boolean => seenAt < at - windowMs;
    while (this.#seen[1] !== undefined && isOld(this.#seen[1])) this.#seen.shift();
    const first = this.#seen[0] ?? { at, received };
    this.#seen.push({ at, received });
    const elapsedMs = at - first.at;
    return elapsedMs > 0 ? Math.round(((received - first.received) * 1000) / elapsedMs) : 0;
  }
}
