import { merge, type Observable } from "rxjs";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { PeerRecord } from "../peers/PeerRecord.js";
import { completeBytes } from "../storage/completeBytes.js";
import { Bitmap, type ChunkSet } from "../storage/Bitmap.js";
import type { Checkpoint, ChunkRetryState } from "../storage/Checkpoint.js";
import { mostBringers } from "../storage/Checkpoint.js";
import { ChunkSums } from "../storage/ChunkSums.js";
import { sumOf } from "../storage/counts.js";
import { type AssemblyParts, ChunkAssembly, type LeftBytes } from "../transfer/ChunkAssembly.js";
import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import { MetPeers } from "./MetPeers.js";
import type { Restored } from "./restore.js";
import { Witnesses } from "./Witnesses.js";

/** How many chunks are remembered that came early. */
const mostFirst = 3;

/** Chunks of the file that are done, and how far the rest has come; a checkpoint is a snapshot of it. */
export class Progress {
  readonly #manifest: FileFacts;
  readonly #parts: AssemblyParts;
  readonly #assemblies = new Map<number, ChunkAssembly>();
  readonly #frontiers: Map<number, LeftBytes>;
  readonly #failed = new Map<number, ChunkRetryState>();
  readonly #met: MetPeers;
  readonly #resumes: number;
  readonly #toWall: (atMs: number) => number;
  #complete: Bitmap;
  /** Chunks without digests that an earlier run left, and nobody has looked at yet: claimed until then, so that a kill meanwhile loses nothing. */
  readonly #unseen: Set<number>;
  /** The peers that brought the chunks of a file without digests. */
  readonly witnesses = new Witnesses();
  /** Chunks that an earlier run left, and those that came first in this one. */
  readonly #firstChunks: number[];
  /** True when an earlier run left some of the file. */
  readonly isResumed: boolean;
  #isJoined = false;

  constructor(manifest: FileFacts, parts: AssemblyParts, restored: Restored, toWall: (atMs: number) => number) {
    this.#manifest = manifest;
    this.#parts = parts;
    this.#complete = restored.complete;
    const { unchecked, frontiers, sums, bringerOf } = restored;
    this.#unseen = new Set(manifest.digests === undefined ? unchecked : []);
    const claimed = [...this.complete(), ...this.#unseen].sort((a, b) => a - b);
    this.#firstChunks = [...new Set([claimed.at(0), claimed.at(-1)])].filter((index) => index !== undefined);
    this.isResumed = claimed.length > 0 || frontiers.length > 0;
    for (const index of claimed) this.#brought(index, sums.get(index), [bringerOf(index)]);
    this.#frontiers = new Map(restored.frontiers);
    this.#met = new MetPeers(restored.met);
    this.#resumes = restored.resumes;
    this.#toWall = toWall;
  }

  get isComplete(): boolean {
    return this.#complete.count === this.#complete.length;
  }

  /** Chunks that were here early: the first and the last that an earlier run left, and the first few of this one. */
  get firstChunks(): readonly number[] {
    return this.#firstChunks;
  }

  /** True when the file came in more than one answer. */
  get isJoined(): boolean {
    return this.#isJoined || this.isResumed || this.#complete.length > 1;
  }

  /** The complete chunks as they are now: later changes make another set. */
  get completeSet(): ChunkSet {
    return this.#complete;
  }

  get completeBytes(): number {
    return completeBytes(this.#manifest, this.#complete);
  }

  /** Chunks neither complete nor among `others`, in order. */
  *missing(others: ReadonlySet<number>): Generator<number, void> {
    for (let index = 0; index < chunkCount(this.#manifest); index++) {
      if (!this.#complete.has(index) && !others.has(index)) yield index;
    }
  }

  assemblyOf(index: number): ChunkAssembly {
    const known = this.#assemblies.get(index);
    if (known !== undefined) return known;
    this.#unseen.delete(index);
    const assembly = new ChunkAssembly(chunkAt(this.#manifest, index), this.#parts, this.#frontiers.get(index));
    this.#assemblies.set(index, assembly);
    return assembly;
  }

  /** Bytes right behind a chunk up to the next one of which something is here, or that was begun in this run. */
  untouchedAfter(index: number): number {
    const { offset, length } = chunkAt(this.#manifest, index);
    let next = index + 1;
    while (next < this.#complete.length && this.#isUntouched(next)) next++;
    const end = next < this.#complete.length ? chunkAt(this.#manifest, next).offset : this.#manifest.size;
    return end - offset - length;
  }

  #isUntouched(index: number): boolean {
    const places = [this.#complete, this.#assemblies, this.#frontiers, this.#unseen];
    return !places.some((chunks) => chunks.has(index));
  }

  /** Bytes of an unfinished chunk that an earlier run left and nobody has read yet. */
  frontierOf(index: number): number {
    return this.#frontiers.get(index)?.frontier ?? 0;
  }

  /** The frontier's bytes are in the chunk's assembly now. */
  frontierRead(index: number): void {
    this.#frontiers.delete(index);
  }

  /** Has the bytes of unfinished chunks written, and completes when that has ended, well or not. */
  flush(): Observable<never> {
    return merge(...Array.from(this.#assemblies.values(), (assembly) => assembly.flush()));
  }

  /** Completes unless a write has failed; errors with `LOCAL_IO` then. */
  sound(): Observable<never> {
    return merge(...Array.from(this.#assemblies.values(), (assembly) => assembly.sound()));
  }

  note(event: DownloadEvent): void {
    this.#met.note(event);
    if (event.type === "chunk-verified" || event.type === "chunk-stored") {
      if (event.resumed !== true) this.#broughtBy(event);
      this.#complete = this.#complete.with(event.chunk);
      this.#unseen.delete(event.chunk);
      this.#isJoined ||= event.attempts > 1;
      if (this.#firstChunks.length < mostFirst) this.#firstChunks.push(event.chunk);
      this.#assemblies.delete(event.chunk);
      this.#frontiers.delete(event.chunk);
      this.#failed.delete(event.chunk);
    } else if (event.type === "attempt-failed") {
      const { chunk, attempt, at, peer, code } = event;
      const lastAttempt = Math.round(this.#toWall(at));
      const state = { chunkIndex: chunk, attemptCount: attempt + 1, lastAttempt, lastPeer: peer, lastError: code };
      this.#failed.set(chunk, state);
    }
  }

  /** Complete chunks, in order. */
  complete(): readonly number[] {
    return Array.from({ length: this.#complete.length }, (_, index) => index).filter((at) => this.#complete.has(at));
  }

  /** Only these are complete after all. */
  keep(complete: readonly number[]): void {
    const kept = new Set(complete);
    this.#complete = this.#complete.without(this.complete().filter((index) => !kept.has(index)));
  }

  /** Drops everything that is here: none of it can be trusted. */
  forget(): void {
    this.#complete = Bitmap.empty(this.#complete.length);
    this.#unseen.clear();
    this.#assemblies.clear();
    this.#frontiers.clear();
  }

  checkpoint(peers: Readonly<Record<string, PeerRecord>>, savedAt: number): Checkpoint {
    const { root, name, size, chunkSize, mirrors } = this.#manifest;
    const begun = [...this.#assemblies].map(
      ([index, { written: frontier, sum }]) => [index, { frontier, sum }] as const,
    );
    // A frontier that was left and is being read back counts as a whole.
    const frontiers = [...begun, ...this.#frontiers].filter(([, { frontier }]) => frontier > 0);
    const claimed = [...this.#unseen].reduce((all, index) => all.with(index), this.#complete);
    const met = this.#met.useful(peers);
    return {
      version: 1,
      root,
      name,
      size,
      chunkSize,
      complete: claimed.toBytes(),
      frontiers: Object.fromEntries(frontiers.map(([index, { frontier }]) => [index, frontier])),
      ...(this.#parts.crc32 && this.#remembered(frontiers)),
      failed: [...this.#failed.values()],
      peers,
      ...(met.length > 0 && { met }),
      ...(mirrors && { mirrors }),
      resumes: this.#resumes,
      savedAt,
    };
  }

  /** The part of a checkpoint that tells later if bytes are still those that came, and which peers brought them. */
  #remembered(frontiers: readonly (readonly [number, LeftBytes])[]) {
    const sums = new ChunkSums(this.#complete.length);
    const broughtBy = new Uint8Array(this.#complete.length);
    const bringers = new Map<string, number>();
    for (const index of [...this.complete(), ...this.#unseen]) {
      sums.set(index, this.witnesses.sumOf(index));
      const bringer = this.witnesses.bringerOf(index);
      if (bringer === undefined) continue;
      if (!bringers.has(bringer) && bringers.size < mostBringers) bringers.set(bringer, bringers.size + 1);
      broughtBy[index] = bringers.get(bringer) ?? 0;
    }
    const frontierSums = Object.fromEntries(
      frontiers.flatMap(([index, { sum }]) => (sum === undefined ? [] : [[index, sum]])),
    ) as Record<string, number>;
    return { sums: sums.toBytes(), frontierSums, bringers: [...bringers.keys()], broughtBy };
  }

  #broughtBy({ chunk, bytes, peers }: DownloadEventOf<"chunk-verified" | "chunk-stored">): void {
    const isAll = sumOf(peers) === bytes;
    this.#brought(chunk, this.#assemblies.get(chunk)?.sum, isAll ? Object.keys(peers) : []);
  }

  #brought(chunk: number, sum: number | undefined, peers: readonly (string | undefined)[]): void {
    if (sum === undefined) return;
    this.witnesses.brought(
      chunk,
      sum,
      peers.filter((peer) => peer !== undefined),
    );
  }
}
