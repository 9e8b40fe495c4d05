import type { Hasher } from "../manifest/Hasher.js";

/** A run of bytes that one peer brought; `peer` is undefined for those found on disk. */
export interface Segment {
  readonly peer: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly digest: Uint8Array;
}

interface OpenSegment {
  readonly peer: string | undefined;
  readonly start: number;
  end: number;
  /** None for a chunk that is hashed as a whole, and for the first segment, which is digested as a prefix of the chunk. */
  readonly hasher: Hasher | undefined;
  digest?: Uint8Array;
}

/** The runs of bytes that a chunk has grown by, and the peers that brought them. */
export class Segments {
  readonly #newHasher: (() => Hasher) | undefined;
  readonly #digestSoFar: () => Uint8Array;
  #all: OpenSegment[] = [];

  /** `newHasher` is for a chunk whose bytes are gone when it is whole, so that each segment is hashed as it comes. */
  constructor(newHasher: (() => Hasher) | undefined, digestSoFar: () => Uint8Array) {
    this.#newHasher = newHasher;
    this.#digestSoFar = digestSoFar;
  }

  /** Bytes by peer. */
  get peers(): Readonly<Record<string, number>> {
    const bytes: Record<string, number> = {};
    for (const { peer, start, end } of this.#all) {
      if (peer !== undefined) bytes[peer] = (bytes[peer] ?? 0) + end - start;
    }
    return bytes;
  }

  /** Has one segment, of so many bytes that are in the sink; or none. */
  restart(found: number): void {
    this.#all = found === 0 ? [] : [{ peer: undefined, start: 0, end: found, hasher: undefined }];
  }

  /** Grows by so many bytes of this peer, from `start` on; `fresh` are those, where they are hashed as they come. */
  grow(peer: string | undefined, start: number, bytes: number, fresh?: Uint8Array): void {
    const segment = this.#segmentOf(peer, start);
    if (fresh !== undefined) segment.hasher?.update(fresh);
    segment.end += bytes;
  }

  /** All segments, with a digest each; `digestOf` makes those that were not hashed as they came. */
  list(digestOf: (start: number, end: number) => Uint8Array): readonly Segment[] {
    return this.#all.map(({ peer, start, end, hasher, digest }) => ({
      peer,
      start,
      end,
      digest: digest ?? hasher?.copy().digest() ?? digestOf(start, end),
    }));
  }

  #segmentOf(peer: string | undefined, start: number): OpenSegment {
    const last = this.#all.at(-1);
    if (last !== undefined && last.peer === peer) return last;
    if (last !== undefined && this.#newHasher !== undefined) last.digest = last.hasher?.digest() ?? this.#digestSoFar();
    const next = { peer, start, end: start, hasher: last === undefined ? undefined : this.#newHasher?.() };
    this.#all.push(next);
    return next;
  }
}
