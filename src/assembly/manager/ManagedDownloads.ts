import { type ManagedState, downloadStates, type ManagerTotal, type Priority } from "../../control/DownloadRow.js";
import type { DownloadRecord } from "../../control/ManagerRecord.js";
import { ManagedDownload } from "./ManagedDownload.js";

/** Ended downloads of which all that was told is kept. */
const mostTold = 8;

/** Downloads by number, or all to which a command applies. */
export type Chosen = readonly number[] | "all";

/** A change of place among all downloads. */
export interface Move {
  readonly priority?: Priority | undefined;
  /** The download to go before; null for the end. */
  readonly before?: number | null | undefined;
}

/** All downloads of a manager, as they stand in line. */
export class ManagedDownloads {
  readonly #all = new Map<number, ManagedDownload>();
  #places = 0;
  /** Downloads that ended and are still told of in full, the oldest first. */
  #told: readonly ManagedDownload[] = [];

  constructor(records: readonly DownloadRecord[]) {
    for (const record of records) this.add(record);
  }

  get inOrder(): readonly ManagedDownload[] {
    return [...this.#all.values()].sort((a, b) => a.place - b.place);
  }

  get unended(): readonly ManagedDownload[] {
    return [...this.#all.values()].filter(({ hasEnded }) => !hasEnded);
  }

  get records(): readonly DownloadRecord[] {
    return this.inOrder.map(({ record }) => record);
  }

  has(id: number): boolean {
    return this.#all.has(id);
  }

  find(id: number): ManagedDownload | undefined {
    return this.#all.get(id);
  }

  /** @throws RangeError when there is no such download */
  get(id: number): ManagedDownload {
    const download = this.#all.get(id);
    if (download === undefined) throw new RangeError(`there is no download ${id} in the list`);
    return download;
  }

  /** @throws RangeError when one of them is not there */
  choose(chosen: Chosen): readonly ManagedDownload[] {
    return chosen === "all" ? this.inOrder : [...new Set(chosen)].map((id) => this.get(id));
  }

  /** Downloads to be stopped: those that wait first, so that none of them takes the turn of one that stops. @throws RangeError when one of them is not there */
  chooseToStop(chosen: Chosen): readonly ManagedDownload[] {
    const all = this.choose(chosen);
    const isRunning = ({ record }: ManagedDownload): boolean => record.state === "running";
    return [...all.filter((download) => !isRunning(download)), ...all.filter(isRunning)];
  }

  /** Adds a download to the end. */
  add(record: DownloadRecord): ManagedDownload {
    const download = new ManagedDownload(record, (this.#places += 1));
    this.#all.set(record.id, download);
    return download;
  }

  delete(download: ManagedDownload): void {
    this.#all.delete(download.id);
    this.#told = this.#told.filter((each) => each !== download);
  }

  /** Gives downloads a priority, or another place. @throws RangeError when there is no such download, and nothing is moved then */
  move(chosen: readonly number[], { priority, before }: Move): readonly ManagedDownload[] {
    const moved = this.choose(chosen);
    const next = typeof before === "number" ? this.get(before) : undefined;
    for (const download of moved) if (priority !== undefined) download.change({ priority });
    if (before === undefined || (next !== undefined && moved.includes(next))) return moved;
    const others = this.inOrder.filter((download) => !moved.includes(download));
    const at = next === undefined ? others.length : others.indexOf(next);
    for (const [place, download] of others.toSpliced(at, 0, ...moved).entries()) download.place = place;
    this.#places = this.#all.size;
    return moved;
  }

  /** Lets go of what was told of those that ended long ago. */
  ended(download: ManagedDownload): void {
    const told = [...this.#told.filter((each) => each !== download), download];
    for (const old of told.slice(0, -mostTold)) if (old.hasEnded) old.forget();
    this.#told = told.slice(-mostTold);
  }

  total(bytesPerSecond: number): ManagerTotal {
    const counts = new Map<ManagedState, number>();
    for (const { record } of this.#all.values()) counts.set(record.state, (counts.get(record.state) ?? 0) + 1);
    const known = downloadStates.filter((state) => counts.has(state));
    const rate = counts.has("running") ? bytesPerSecond : 0;
    return { bytesPerSecond: rate, counts: Object.fromEntries(known.map((state) => [state, counts.get(state)])) };
  }
}
