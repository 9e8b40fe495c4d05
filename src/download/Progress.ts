import { merge, type Observable } from "rxjs";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { PeerRecord } from "../peers/PeerRecord.js";
import { completeBytes } from "../storage/completeBytes.js";
import { Bitmap } from "../storage/Bitmap.js";
import type { Checkpoint, ChunkRetryState } from "../storage/Checkpoint.js";
import { type AssemblyParts, ChunkAssembly } from "../transfer/ChunkAssembly.js";
import type { DownloadEvent } from "./DownloadEvent.js";
import type { Restored } from "./restore.js";

/** How many chunks are remembered that came early. */
const mostFirst = 3;

/** Chunks of the file that are done, and how far the rest has come; a checkpoint is a snapshot of it. */
export class Progress {
  readonly #manifest: FileFacts;
  readonly #parts: AssemblyParts;
  readonly #assemblies = new Map<number, ChunkAssembly>();
  readonly #frontiers: Map<number, number>;
  readonly #failed = new Map<number, ChunkRetryState>();
  readonly #resumes: number;
  readonly #toWall: (atMs: number) => number;
  #complete: Bitmap;
  /** Chunks that an earlier run left, and those that came first in this one. */
  readonly #firstChunks: number[];
  /** Whether an earlier run left some of it. */
  readonly isResumed: boolean;
  #isJoined = false;

  constructor(manifest: FileFacts, parts: AssemblyParts, restored: Restored, toWall: (atMs: number) => number) {
    this.#manifest = manifest;
    this.#parts = parts;
    this.#complete = restored.complete;
    const { complete, frontiers } = restored;
    this.#firstChunks = ends(complete);
    this.isResumed = complete.count > 0 || frontiers.length > 0;
    this.#frontiers = new Map(restored.frontiers);
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

  /** Whether it came in more than one answer. */
  get isJoined(): boolean {
    return this.#isJoined || this.isResumed || this.#complete.length > 1;
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
    const assembly = new ChunkAssembly(chunkAt(this.#manifest, index), this.#parts, this.frontierOf(index));
    this.#assemblies.set(index, assembly);
    return assembly;
  }

  /** Bytes of an unfinished chunk that an earlier run left and nobody has read yet. */
  frontierOf(index: number): number {
    return this.#frontiers.get(index) ?? 0;
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
    if (event.type === "chunk-verified" || event.type === "chunk-stored") {
      this.#complete = this.#complete.with(event.chunk);
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
    this.#complete = complete.reduce((all, index) => all.with(index), Bitmap.empty(this.#complete.length));
  }

  /** Nothing that is here can be trusted. */
  forget(): void {
    this.#complete = Bitmap.empty(this.#complete.length);
    this.#assemblies.clear();
    this.#frontiers.clear();
  }

  checkpoint(peers: Readonly<Record<string, PeerRecord>>, savedAt: number): Checkpoint {
    const { root, name, size, chunkSize, mirrors } = this.#manifest;
    const written = [...this.#assemblies].map(([index, assembly]) => [index, assembly.written] as const);
    // A frontier that was left and is being read back counts as a whole.
    const frontiers = [...written, ...this.#frontiers].filter(([, frontier]) => frontier > 0);
    return {
      version: 1,
      root,
      name,
      size,
      chunkSize,
      complete: this.#complete.toBytes(),
      frontiers: Object.fromEntries(frontiers),
      failed: [...this.#failed.values()],
      peers,
      ...(mirrors && { mirrors }),
      resumes: this.#resumes,
      savedAt,
    };
  }
}

/** The first and the last that is set. */
function ends(bits: Bitmap): number[] {
  if (bits.count === 0) return [];
  const all = Array.from({ length: bits.length }, (_, index) => index);
  const is = (index: number): boolean => bits.has(index);
  return [...new Set([all.findIndex(is), all.findLastIndex(is)])];
}
