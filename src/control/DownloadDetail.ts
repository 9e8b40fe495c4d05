import { describeEvent } from "../download/describeEvent.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import { type DownloadState, initialState, type RecentLine } from "../download/DownloadState.js";
import { reduce } from "../download/reduce.js";
import { ChunkMap, type PackedChunkMap } from "./ChunkMap.js";

/** Lines of the log that are kept. */
const linesKept = 200;

/** A detail as plain data. */
export interface PackedDetail {
  readonly state: DownloadState;
  readonly map: PackedChunkMap;
  readonly log: readonly RecentLine[];
}

/** Picture of one download: its state, its chunks and what was worth saying; a fold of its events, by the daemon and by its clients alike. */
export class DownloadDetail {
  #state: DownloadState;
  readonly #map: ChunkMap;
  #log: readonly RecentLine[];

  constructor({ state, map, log }: Partial<PackedDetail> = {}) {
    this.#state = state ?? initialState;
    this.#map = new ChunkMap(map);
    this.#log = log ?? [];
  }

  get state(): DownloadState {
    return this.#state;
  }

  get map(): ChunkMap {
    return this.#map;
  }

  /** The last lines worth saying, oldest first. */
  get log(): readonly RecentLine[] {
    return this.#log;
  }

  pack(): PackedDetail {
    return { state: this.#state, map: this.#map.pack(), log: this.#log };
  }

  /** Takes in one more event. */
  fold(event: DownloadEvent): void {
    this.#state = reduce(this.#state, event);
    this.#map.fold(event);
    const text = describeEvent(event);
    if (text === undefined) return;
    this.#log = [...this.#log.slice(1 - linesKept), { at: event.at, type: event.type, text }];
  }
}
