import type { Hasher, Sha256 } from "../manifest/Hasher.js";
import type { Chunk } from "../manifest/Manifest.js";
import { sumOf } from "../storage/counts.js";

/** Bytes for their place in the file. */
export interface Piece {
  /** From the start of the chunk. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** How often the assembly had begun anew. */
  readonly generation: number;
}

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
  /** The first segment is digested as a prefix of the whole, which spares hashing the usual chunk twice. */
  readonly hasher: Hasher | undefined;
  digest?: Uint8Array;
}

/**
 * One chunk as it grows: how far it has come (the frontier), its running digest, and who brought what. Bytes are taken in
 * order, each place once, until the assembly begins anew.
 */
export class ChunkAssembly {
  readonly chunk: Chunk;
  readonly #sha256: Sha256;
  #hasher: Hasher;
  #segments: OpenSegment[] = [];
  #frontier = 0;
  #highest = 0;
  #written = 0;
  #generation = 0;

  constructor(chunk: Chunk, sha256: Sha256) {
    this.chunk = chunk;
    this.#sha256 = sha256;
    this.#hasher = sha256();
  }

  /** The end of the bytes that it has, from the start of the chunk. */
  get frontier(): number {
    return this.#frontier;
  }

  /** The furthest that the frontier ever was. */
  get highest(): number {
    return this.#highest;
  }

  /** The end of the bytes whose writing has ended. */
  get written(): number {
    return this.#written;
  }

  get isWhole(): boolean {
    return this.#frontier === this.chunk.length;
  }

  /** Bytes by peer. */
  get peers(): Readonly<Record<string, number>> {
    const bytes: Record<string, number> = {};
    for (const { peer, start, end } of this.#segments) {
      if (peer !== undefined) bytes[peer] = (bytes[peer] ?? 0) + end - start;
    }
    return bytes;
  }

  /** Takes the bytes that lie beyond the frontier; what lies below is a duplicate and left out. */
  accept(peer: string | undefined, offset: number, bytes: Uint8Array): Piece {
    const fresh = bytes.subarray(Math.min(bytes.length, Math.max(0, this.#frontier - offset)));
    const piece = { offset: this.#frontier, bytes: fresh, generation: this.#generation };
    const segment = this.#segmentOf(peer);
    segment.hasher?.update(fresh);
    this.#hasher.update(fresh);
    this.#frontier += fresh.length;
    this.#highest = Math.max(this.#highest, this.#frontier);
    segment.end = this.#frontier;
    return piece;
  }

  /** The piece has reached its place. */
  wrote({ offset, bytes, generation }: Piece): void {
    if (generation === this.#generation) this.#written = offset + bytes.length;
  }

  /** SHA-256 of all bytes so far. */
  digest(): Uint8Array {
    return this.#hasher.copy().digest();
  }

  /** Who brought what, with a digest each. */
  segments(): readonly Segment[] {
    return this.#segments.map(({ peer, start, end, hasher, digest }) => ({
      peer,
      start,
      end,
      digest: digest ?? hasher?.copy().digest() ?? this.digest(),
    }));
  }

  /** Forgets all bytes; answers how many came over the wire. */
  restart(): number {
    const received = sumOf(this.peers);
    this.#segments = [];
    this.#hasher = this.#sha256();
    this.#frontier = 0;
    this.#written = 0;
    this.#generation++;
    return received;
  }

  #segmentOf(peer: string | undefined): OpenSegment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.peer === peer) return last;
    if (last !== undefined) last.digest = last.hasher?.copy().digest() ?? this.digest();
    const hasher = last === undefined ? undefined : this.#sha256();
    const next: OpenSegment = { peer, start: this.#frontier, end: this.#frontier, hasher };
    this.#segments.push(next);
    return next;
  }
}
