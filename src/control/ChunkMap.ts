import type { DownloadEvent, DownloadEventOf } from "../download/DownloadEvent.js";
import { foldEvent, type Folds } from "../download/foldEvent.js";

/** State of a chunk, as a byte: `found` was here when the run began, `done` came in it. */
export const chunkStates = { missing: 0, active: 1, retrying: 2, failed: 3, found: 4, done: 5 } as const;

/** Peers that a byte can name, after 0, which is nobody; the others share the last number. */
const mostPeers = 255;

/** A chunk map as plain data: peers, and two bytes a chunk, first the states of all, then who brought them or is asked for them. */
export interface PackedChunkMap {
  /** Peers by their numbers, which count from 1. */
  readonly peers: readonly string[];
  readonly chunks: Uint8Array;
}

/** State of each chunk of a download and the peer behind it: a fold of its events, in place, so that a map of many chunks costs no copy an event. */
export class ChunkMap {
  #chunks: Uint8Array;
  #peers: Map<string, number>;

  constructor({ peers, chunks }: PackedChunkMap = { peers: [], chunks: new Uint8Array() }) {
    this.#chunks = Uint8Array.from(chunks);
    this.#peers = new Map(peers.map((peer, place) => [peer, place + 1]));
  }

  /** Chunks of the file; 0 while it is not known. */
  get size(): number {
    return this.#chunks.length / 2;
  }

  /** States of all chunks, one byte each, by `chunkStates`. */
  get states(): Uint8Array {
    return this.#chunks.subarray(0, this.size);
  }

  /** Number of the peer that brought each chunk the most, or is asked for it; 0 for nobody. */
  get bringers(): Uint8Array {
    return this.#chunks.subarray(this.size);
  }

  /** Peers by their numbers, which count from 1. */
  get peers(): readonly string[] {
    return [...this.#peers.keys()];
  }

  /** Map as it is now, as data of its own. */
  pack(): PackedChunkMap {
    return { peers: this.peers, chunks: Uint8Array.from(this.#chunks) };
  }

  /** Takes in one more event. */
  fold(event: DownloadEvent): void {
    foldEvent(folds, this, event);
  }

  begin({ manifest: { chunkCount }, resumedChunks, resumedRanges }: DownloadEventOf<"download-started">): this {
    this.#chunks = new Uint8Array(2 * chunkCount);
    this.#peers = new Map();
    const all = resumedChunks === chunkCount ? [[0, chunkCount] as const] : [];
    for (const [from, count] of resumedRanges ?? all) this.states.fill(chunkStates.found, from, from + count);
    return this;
  }

  mark(chunk: number, state: number, peer?: string): this {
    if (chunk >= this.size) return this;
    this.states[chunk] = state;
    if (peer !== undefined) this.bringers[chunk] = this.#numberOf(peer);
    return this;
  }

  complete({ chunk, peers, resumed }: DownloadEventOf<"chunk-verified" | "chunk-stored">): this {
    const [most] = Object.entries(peers).sort(([, a], [, b]) => b - a);
    return this.mark(chunk, resumed ? chunkStates.found : chunkStates.done, most?.[0]);
  }

  /** The whole is here, whether or not each chunk was told of. */
  done(): this {
    const { states } = this;
    for (const [chunk, state] of states.entries()) if (state < chunkStates.found) states[chunk] = chunkStates.done;
    return this;
  }

  /** Requests have ended, and waits. */
  end(): this {
    const { states } = this;
    for (const [chunk, state] of states.entries())
      if (state === chunkStates.active || state === chunkStates.retrying) states[chunk] = chunkStates.missing;
    return this;
  }

  #numberOf(peer: string): number {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    if (this.#peers.size >= mostPeers - 1) return mostPeers;
    this.#peers.set(peer, this.#peers.size + 1);
    return this.#peers.size;
  }
}

const folds: Folds<ChunkMap> = {
  "download-started": (map, event) => map.begin(event),
  "attempt-started": (map, { chunk, peer }) => map.mark(chunk, chunkStates.active, peer),
  "retry-scheduled": (map, { chunk }) => map.mark(chunk, chunkStates.retrying),
  "chunk-failed": (map, { chunk }) => map.mark(chunk, chunkStates.failed),
  "chunk-verified": (map, event) => map.complete(event),
  "chunk-stored": (map, event) => map.complete(event),
  "download-completed": (map) => map.done(),
  "download-paused": (map) => map.end(),
  "download-failed": (map) => map.end(),
};
