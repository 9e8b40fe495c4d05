import type { Observable } from "rxjs";
import { concat, defer, EMPTY, finalize, map, of, tap, throwError } from "rxjs";
import type { Hasher, Sha256 } from "../manifest/Hasher.js";
import type { Chunk } from "../manifest/Manifest.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import { type Crc32, joinCrc32 } from "../storage/crc32.js";
import { readRange } from "../storage/readRange.js";
import { writeSummed } from "../storage/writeSummed.js";
import type { BlockPool } from "./BlockPool.js";
import type { Segment } from "./Segments.js";
import { Segments } from "./Segments.js";
import { sameBytes } from "./verifyChunk.js";
import { WriteQueue } from "./WriteQueue.js";

/** The sink, the memory and the digest with which chunks are assembled. */
export interface AssemblyParts {
  readonly sink: Pick<ChunkSink, "read" | "write" | "writeSummed">;
  readonly blocks: BlockPool;
  readonly sha256: Sha256;
  /** CRC-32 function for chunks without a digest: what was written is summed, so that the sink is not only believed. */
  readonly crc32?: Crc32;
}

/** The beginning of a chunk that an earlier run left in the sink. */
export interface LeftBytes {
  /** Bytes from the start of the chunk. */
  readonly frontier: number;
  /** CRC-32 of the bytes, where it is known. */
  readonly sum?: number | undefined;
}

/**
 * One chunk as it grows, in memory of the pool: how far it has come (the frontier), who brought what, and what of it is on its place in
 * the sink. Bytes are taken in order, each place once, until the assembly begins anew.
 *
 *     0 ──────── written ──────── frontier ──────── length
 *       in the sink     in the block       still to come
 *
 * A chunk that fits into a block is written and hashed once, when it is whole; earlier only what `flush` asks for. A larger one goes through
 * blocks, each written when it is full, and is hashed as it comes. While nobody brings it bytes it needs no memory: `release` has them
 * written and gives the block back, `load` brings back what the next leg goes on from.
 */
export class ChunkAssembly {
  readonly chunk: Chunk;
  readonly #parts: AssemblyParts;
  readonly #writes = new WriteQueue();
  readonly #segments: Segments;
  #block: Uint8Array | undefined;
  /** Where the block begins in the chunk. */
  #base = 0;
  #frontier = 0;
  #highest = 0;
  /** Bytes that came over the wire, also those that the disk has changed since, which are nobody's. */
  #received = 0;
  /** The end of the bytes whose writing has begun, and has ended. */
  #ordered = 0;
  #written = 0;
  /** CRC-32 of the written bytes; `undefined` where nobody has made it. */
  #sum: number | undefined = 0;
  #isSpoilt = false;
  /** How often it began anew: what was written before counts for nothing. */
  #generation = 0;
  /** Hasher of a chunk larger than a block, and how far it has come. */
  #hasher: Hasher | undefined;
  #hashed = 0;
  /** Digest of the bytes of a chunk that fits into a block, as they were when its memory was given back. */
  #released: Uint8Array | undefined;

  constructor(chunk: Chunk, parts: AssemblyParts, { frontier: left, sum }: LeftBytes = { frontier: 0 }) {
    this.chunk = chunk;
    this.#parts = parts;
    this.#hasher = this.#newHasher();
    this.#segments = new Segments(this.#hasher && parts.sha256, () => this.digest());
    if (left > 0) this.#found(left, sum);
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

  /** CRC-32 of the written bytes, where chunks have no digests and nothing of it is unknown. */
  get sum(): number | undefined {
    return this.#parts.crc32 && this.#sum;
  }

  /** True when the sink has other bytes than were written: then the chunk has to begin anew. */
  get isSpoilt(): boolean {
    return this.#isSpoilt;
  }

  get isWhole(): boolean {
    return this.#frontier === this.chunk.length;
  }

  /** Bytes by peer. */
  get peers(): Readonly<Record<string, number>> {
    return this.#segments.peers;
  }

  /** Takes the bytes that lie beyond the frontier, by copying them; answers how many. Bytes below are duplicates and left out. */
  accept(peer: string | undefined, offset: number, bytes: Uint8Array): number {
    const fresh = bytes.subarray(Math.min(bytes.length, Math.max(0, this.#frontier - offset)));
    for (let done = 0; done < fresh.length;) {
      const room = this.room();
      const piece = fresh.subarray(done, done + room.length);
      room.set(piece);
      this.advance(peer, piece.length);
      done += piece.length;
    }
    return fresh.length;
  }

  /** Memory for the bytes that come next; empty when the chunk is whole. */
  room(): Uint8Array {
    if (this.#block === undefined) {
      this.#block = this.#parts.blocks.take();
      this.#base = this.#hasher === undefined ? 0 : this.#frontier;
    }
    const end = Math.min(this.#block.length, this.chunk.length - this.#base);
    return this.#block.subarray(this.#frontier - this.#base, end);
  }

  /** Grows the chunk by bytes of this peer that are in the room. */
  advance(peer: string | undefined, bytes: number): void {
    if (this.#hasher === undefined) {
      this.#segments.grow(peer, this.#frontier, bytes);
    } else {
      const fresh = this.room().subarray(0, bytes);
      this.#segments.grow(peer, this.#frontier, bytes, fresh);
      this.#hasher.update(fresh);
      this.#hashed += bytes;
    }
    if (peer !== undefined) this.#received += bytes;
    this.#frontier += bytes;
    this.#highest = Math.max(this.#highest, this.#frontier);
    const isFull = this.#frontier - this.#base === this.#block?.length;
    if (isFull && !this.isWhole) this.release();
  }

  /** SHA-256 of all bytes so far. */
  digest(): Uint8Array {
    return this.#hasher?.copy().digest() ?? this.#hashOf(0, this.#frontier);
  }

  /** SHA-256 of all bytes so far, as the platform makes it best; one emission. */
  digested(): Observable<Uint8Array> {
    const { whole } = this.#parts.sha256;
    const isHere = this.#hasher === undefined && this.#block !== undefined;
    return whole !== undefined && isHere ? whole(this.#bytes(0, this.#frontier)) : defer(() => of(this.digest()));
  }

  /** The runs of bytes by peers, with a digest each. */
  segments(): readonly Segment[] {
    return this.#segments.list((start, end) => this.#hashOf(start, end));
  }

  /** Errors with `LOCAL_IO` when a write fails; never completes. */
  get broken(): Observable<never> {
    return this.#writes.broken;
  }

  /** Has what is in memory written; `flush` tells when it is. */
  store(): void {
    this.#order();
  }

  /** Has what is in memory written, and completes when that has ended, well or not: see `written`. The work goes on whoever leaves. */
  flush(): Observable<never> {
    return defer(() => {
      this.#order();
      return this.#writes.settled;
    });
  }

  /** Completes unless a write has failed; errors with `LOCAL_IO` then. */
  sound(): Observable<never> {
    return defer(() => {
      const { failure } = this.#writes;
      return failure === undefined ? EMPTY : throwError(() => failure.error);
    });
  }

  /** Has what is in memory written, and gives the memory back after that. */
  release(): void {
    const block = this.#block;
    if (block === undefined) return;
    if (this.#hasher === undefined && !this.isWhole) this.#released = this.#hashOf(0, this.#frontier);
    this.#order(() => this.#parts.blocks.give(block));
    this.#block = undefined;
  }

  /**
   * Brings back from the sink what is needed to go on; emits how many bytes, as they come. Where the sink has fewer than were
   * written, the chunk has only those; see `isSpoilt` for where it has others. Errors with `LOCAL_IO`.
   */
  load(): Observable<number> {
    return defer(() => {
      const isHere = this.#hasher === undefined ? this.#block !== undefined : this.#hashed === this.#frontier;
      if (this.#frontier === 0 || isHere) return EMPTY;
      return concat(this.#writes.settled, this.sound(), this.#loaded());
    });
  }

  #loaded(): Observable<number> {
    return defer(() => {
      const wanted = this.#frontier;
      const { blocks, sink, sha256, crc32 } = this.#parts;
      const block = this.#hasher === undefined ? blocks.take() : undefined;
      const hasher = this.#hasher && sha256();
      let done = 0;
      let sum: number | undefined = crc32 && 0;
      let isDone = false;
      return readRange(sink, this.chunk.offset, wanted).pipe(
        map((bytes) => {
          block?.set(bytes, done);
          hasher?.update(bytes);
          sum = crc32?.(bytes, sum);
          done += bytes.length;
          return bytes.length;
        }),
        tap({
          complete: () => {
            isDone = true;
            this.#block = block;
            this.#base = block === undefined ? done : 0;
            this.#hasher = hasher;
            this.#hashed = done;
            // Bytes that the disk has changed are nobody's.
            const isSame = this.#released === undefined || sameBytes(this.#hashOf(0, done), this.#released);
            this.#isSpoilt = done === wanted && sum !== undefined && this.#sum !== undefined && this.#sum !== sum;
            if (done < wanted || !isSame) this.#found(done, sum);
            this.#sum = sum;
          },
        }),
        finalize(() => {
          if (!isDone && block !== undefined) blocks.give(block);
        }),
      );
    });
  }

  /** Forgets all bytes; answers how many came over the wire. */
  restart(): number {
    const received = this.#received;
    const block = this.#block;
    // A write may still read from it.
    if (block !== undefined) this.#writes.afterAll(() => this.#parts.blocks.give(block));
    this.#writes.fence();
    this.#block = this.#released = undefined;
    this.#segments.restart(0);
    this.#received = 0;
    this.#hasher = this.#newHasher();
    this.#base = this.#frontier = this.#ordered = this.#written = this.#hashed = this.#sum = 0;
    this.#isSpoilt = false;
    this.#generation++;
    return received;
  }

  /** Begins anew behind bytes that are in the sink, with their CRC-32 if it is known. */
  #found(bytes: number, sum?: number): void {
    this.#segments.restart(bytes);
    this.#sum = sum;
    this.#frontier = this.#highest = this.#ordered = this.#written = bytes;
  }

  /** Has the bytes written that have not been; `done` is called when all of the block has been. */
  #order(done: () => void = () => undefined): void {
    const [from, to, generation] = [this.#ordered, this.#frontier, this.#generation];
    if (this.#block === undefined || from === to) {
      this.#writes.afterAll(done);
      return;
    }
    this.#ordered = to;
    this.#writes.add(this.#write(from, to), (isWritten, sum) => {
      if (isWritten && generation === this.#generation) {
        this.#written = to;
        const before = this.#sum;
        this.#sum = before === undefined || sum === undefined ? undefined : joinCrc32(before, sum, to - from);
      }
      done();
    });
  }

  #write(from: number, to: number): Observable<number> {
    const { sink, crc32 } = this.#parts;
    const place = { offset: this.chunk.offset + from, bytes: this.#bytes(from, to) };
    return crc32 === undefined ? sink.write(place.offset, place.bytes) : writeSummed(sink, crc32, place);
  }

  /** Bytes that are in the block, by places in the chunk. */
  #bytes(from: number, to: number): Uint8Array {
    return (this.#block ?? new Uint8Array()).subarray(from - this.#base, to - this.#base);
  }

  #newHasher(): Hasher | undefined {
    return this.chunk.length > this.#parts.blocks.blockBytes ? this.#parts.sha256() : undefined;
  }

  #hashOf(start: number, end: number): Uint8Array {
    if (this.#hasher !== undefined) return this.digest();
    const hasher = this.#parts.sha256();
    hasher.update(this.#bytes(start, end));
    return hasher.digest();
  }
}
