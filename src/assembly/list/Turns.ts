import type { Standing } from "./FileRun.js";
import { Line } from "./Line.js";

/** A file that waits for its turn. */
interface Waiting {
  /** True when its download is known, false where its Metalink is to be read first. */
  readonly isPlanned: boolean;
  readonly standing: Standing | undefined;
}

/** Work that begins when the turn of a file has come; who does it calls `ended` when it is over. */
interface Beginnings<File> {
  readonly download: (file: File) => void;
  readonly read: (file: File) => void;
}

/** Turns of the files of a list: so many are downloaded at a time, and so many Metalinks are read beside them. */
export class Turns<File extends Waiting> {
  readonly #unplanned = new Line<File>();
  readonly #planned = new Line<File>();
  readonly #begin: Beginnings<File>;
  #concurrency: number;
  /** Files that took a place as they came. */
  #came = 0;
  #reading = 0;
  #running = 0;
  #isServing = false;

  constructor(concurrency: number, begin: Beginnings<File>) {
    this.#concurrency = concurrency;
    this.#begin = begin;
  }

  limit(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#serve();
  }

  lineUp(file: File): void {
    const line = file.isPlanned ? this.#planned : this.#unplanned;
    line.put(file, file.standing ?? { rank: 0, order: (this.#came += 1) });
    this.#serve();
  }

  /** Gives a file that waits another place. */
  place(file: File, standing: Standing): void {
    const line = [this.#unplanned, this.#planned].find((each) => each.has(file));
    line?.put(file, standing);
  }

  /** Takes a file out of line. */
  leave(file: File): void {
    this.#unplanned.delete(file);
    this.#planned.delete(file);
  }

  /** Takes in that a download or a reading is over; there is room for another one. */
  ended(what: keyof Beginnings<File>): void {
    if (what === "download") this.#running -= 1;
    else this.#reading -= 1;
    this.#serve();
  }

  /** Begins what there is room for. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#beginNext());
    this.#isServing = false;
  }

  #beginNext(): boolean {
    const file = this.#running < this.#concurrency ? this.#planned.take() : undefined;
    if (file !== undefined) {
      this.#running += 1;
      this.#begin.download(file);
      return true;
    }
    const unread = this.#reading < this.#concurrency ? this.#unplanned.take() : undefined;
    if (unread === undefined) return false;
    this.#reading += 1;
    this.#begin.read(unread);
    return true;
  }
}
