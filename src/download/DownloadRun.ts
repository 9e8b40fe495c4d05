import type { Observable, Subject } from "rxjs";
import { concat, concatMap, defer, EMPTY, ignoreElements, of, retry, tap, throwError } from "rxjs";
import { exponentialBackoff } from "../../operators/backoff.js";
import { defaultRandom, defaults } from "../../operators/defaults.js";
import { retryBudget } from "../../operators/retryBudget.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import { integrityOf } from "../manifest/Manifest.js";
import { unhashed } from "../manifest/unhashed.js";
import type { Checkpoint } from "../storage/Checkpoint.js";
import { doubtOf } from "../storage/doubtOf.js";
import { BlockPool, blockBytesFor } from "../transfer/BlockPool.js";
import type { RunOutcome } from "../storage/Totals.js";
import { PeerPool } from "../peers/PeerPool.js";
import type { ChunkDone } from "../transfer/transferChunk.js";
import { transferChunk } from "../transfer/transferChunk.js";
import type { TransferConfig, TransferParts } from "../transfer/TransferParts.js";
import { adaptiveRetries } from "./adaptiveRetries.js";
import type { AwakeClock } from "./AwakeClock.js";
import type { DownloadParts, ResolvedDownloadConfig } from "./DownloadConfig.js";
import type { DownloadEvent, UntimedEvent } from "./DownloadEvent.js";
import type { Ledger } from "./Ledger.js";
import { poolConfig } from "./poolConfig.js";
import { Progress } from "./Progress.js";
import { Recovery } from "./Recovery.js";
import type { Restored } from "./restore.js";
import { runSummary } from "./runSummary.js";
import { totalRetries } from "./totalRetries.js";
import { Trust } from "./Trust.js";

/** What a first blacklisting lasts under the adaptive policy. */
const firstBlacklistMs = 15_000;

/** What lives as long as a run, and is needed before it can begin. */
export interface RunTools {
  readonly clock: AwakeClock;
  readonly ledger: Ledger;
  readonly events: Subject<DownloadEvent>;
}

/** What one subscription to a download owns: its voice, its books, its pool, and what is done of the file. */
export class DownloadRun {
  readonly ledger: Ledger;
  readonly pool: PeerPool;
  readonly progress: Progress;
  readonly clock: AwakeClock;
  readonly trust: Trust;
  readonly #parts: DownloadParts;
  readonly #restored: Pick<Restored, "memory" | "catalogue">;
  readonly #recovery = new Recovery();
  readonly #config: ResolvedDownloadConfig;
  readonly #shared: TransferParts;
  readonly #patience: TransferConfig;
  readonly #events: Subject<DownloadEvent>;
  /** When each chunk began, by the clock. */
  readonly #startedAt = new Map<number, number>();

  constructor(
    parts: DownloadParts,
    config: ResolvedDownloadConfig,
    restored: Restored,
    { clock, ledger, events }: RunTools,
  ) {
    const { manifest, sink, digest, random = defaultRandom, held = EMPTY } = parts;
    const { retry, strategy, policy } = config;
    const adapts = policy === "adaptive";
    this.#parts = parts;
    this.#restored = restored;
    this.#config = config;
    this.clock = clock;
    this.#events = events;
    this.ledger = ledger;
    this.trust = new Trust(integrityOf(manifest));
    const sha256 = manifest.digests === undefined ? unhashed : digest;
    const blocks = new BlockPool(blockBytesFor(manifest.chunkSize));
    this.progress = new Progress(manifest, { sink, blocks, sha256 }, restored, (atMs) => clock.toWall(atMs));
    const more = { strategy, random, ...(adapts && { firstBlacklistMs }) };
    const poolParts = { scheduler: clock, records: restored.memory.records, held };
    this.pool = new PeerPool(poolParts, poolConfig(retry, manifest.chunkSize, more));
    const { initialBackoffMs, backoffMultiplier: multiplier, maxBackoffMs: maxMs, jitter } = retry;
    const most = retry.maxTotalRetries ?? Math.max(24, 2 * chunkCount(manifest));
    this.#shared = {
      manifest,
      pool: this.pool,
      sink,
      sha256: digest,
      scheduler: clock,
      backoff: exponentialBackoff({ initialMs: initialBackoffMs, multiplier, maxMs, jitter, random }),
      allowance: totalRetries(
        most,
        config.parallelRetries ? retryBudget({ scheduler: clock }) : undefined,
        defaults.budget.capacity,
      ),
      meter: {
        received: (peer, bytes) => {
          ledger.received(peer, bytes);
          parts.onReceived?.(bytes);
        },
        wasted: (reason, bytes) => ledger.wasted(reason, bytes),
      },
      held,
      emit: (event) => this.emit(event),
    };
    this.#patience = {
      maxRetries: adapts ? () => this.#retriesNow : retry.maxChunkRetries,
      samePeerRetries: retry.samePeerRetries,
      attemptTimeoutMs: retry.chunkTimeoutSecs * 1000,
      deadlineMs: retry.chunkDeadlineSecs * 1000,
      continuationDelayMs: initialBackoffMs,
      parallel: config.parallelRetries && !config.strictPermanent,
      strict: config.strictPermanent,
    };
  }

  /** Tells what is there already. */
  begin({ complete, suspects, resumes, notices }: Restored): void {
    const facts = this.#parts.manifest;
    const { root, name, size, chunkSize } = facts;
    const resumedChunks = complete.count;
    const resumedBytes = this.progress.completeBytes;
    this.ledger.open(resumedBytes, resumes);
    const integrity = integrityOf(facts);
    const manifest = { root, name, size, chunkSize, chunkCount: complete.length, integrity };
    this.emit({ type: "download-started", manifest, resumedChunks, resumedBytes });
    for (const message of notices) this.emit({ type: "notice", message });
    if (suspects.length === 0) return;
    const message = `The last run did not end cleanly: ${suspects.length} chunks on disk are checked beside the download`;
    this.emit({ type: "notice", message });
  }

  emit(untimed: UntimedEvent): void {
    const event = { ...untimed, at: this.clock.now() } as DownloadEvent;
    this.ledger.book(event);
    this.progress.note(event);
    this.#events.next(event);
    const more = this.#recovery.after(event);
    if (more !== undefined) this.emit(more);
  }

  /** How long a chunk waits in all its retries and the one that it does not get, ms. */
  get retryWaitsMs(): number {
    const { retry, policy } = this.#config;
    const { maxChunkRetries: configured, initialBackoffMs } = retry;
    const hopeless = { successRate: 0, configured, plenty: true };
    const retries = policy === "adaptive" ? adaptiveRetries(hopeless) : configured;
    const waits = Array.from({ length: retries }, (_, n) => this.#shared.backoff(n + 1));
    return waits.reduce((sum, wait) => sum + wait, initialBackoffMs);
  }

  /** What a chunk's retries are worth now, under the adaptive policy. */
  get #retriesNow(): number {
    const { maxChunkRetries: configured } = this.#config.retry;
    const plenty = this.#shared.allowance.tokens > defaults.budget.capacity / 2;
    return adaptiveRetries({ successRate: this.pool.successRate, configured, plenty });
  }

  /** One chunk, from what an earlier run left of it to its verification. */
  transfer(index: number): Observable<ChunkDone> {
    return defer(() => {
      const assembly = this.progress.assemblyOf(index);
      const startedAt = this.clock.now();
      this.#startedAt.set(index, startedAt);
      const isLeft = this.progress.frontierOf(index) > 0;
      const prefix = assembly.load().pipe(
        tap({
          next: (bytes) => isLeft && this.ledger.foundOnDisk(bytes),
          complete: () => this.progress.frontierRead(index),
        }),
        ignoreElements(),
      );
      const transferred = transferChunk(assembly, this.#shared, this.#patience).pipe(
        retry({ delay: (error: unknown) => this.#waitOn(error) }),
      );
      return concat(prefix, transferred).pipe(
        this.pool.opened(index),
        tap((event) => this.emit(event)),
      );
    });
  }

  /** A chunk's patience is for its attempts. How long to wait with nobody there is the pool's to know. */
  #waitOn(error: unknown): Observable<void> {
    const waits = toDownloadError(error).code === "CHUNK_DEADLINE" && this.pool.lost !== undefined;
    return waits ? of(undefined) : throwError(() => error);
  }

  /** Found on disk by its digest. */
  found(index: number): ChunkDone {
    const { length: bytes } = this.progress.assemblyOf(index).chunk;
    const event = {
      type: "chunk-verified",
      chunk: index,
      bytes,
      peers: {},
      attempts: 0,
      elapsedMs: 0,
      resumed: true,
    } as const;
    this.emit(event);
    return event;
  }

  /** Whether a failed chunk waits for another round. With a dead swarm it would wait in vain. When it does not, the download ends, and no chunk begins in its place. */
  parks(error: DownloadError, index: number): boolean {
    const swarmLives = this.ledger.lastGainAt >= (this.#startedAt.get(index) ?? 0);
    const patient =
      error.code !== "LOCAL_IO" && error.code !== "RETRY_BUDGET_EXHAUSTED" && error.code !== "INVALID_INDEX";
    const parks = patient && swarmLives && !this.#config.failFast && !this.#config.strictPermanent;
    this.emit({ type: "chunk-failed", chunk: index, code: error.code, attempts: error.attempt ?? 0 });
    if (!parks) this.pool.stop();
    return parks;
  }

  /** Of what was complete, only `right` is; answers what is not. */
  spoil(right: readonly number[]): readonly number[] {
    const kept = new Set(right);
    const spoilt = this.progress.complete().filter((index) => !kept.has(index));
    this.progress.keep(right);
    for (const index of spoilt) this.ledger.spoilt(chunkAt(this.#parts.manifest, index).length);
    if (spoilt.length > 0) {
      this.emit({ type: "notice", message: `${spoilt.length} chunks are wrong on disk, and are fetched again` });
    }
    return spoilt;
  }

  /** Nothing of what is here is what it should be. */
  forget(): void {
    this.progress.forget();
    this.ledger.verified = 0;
  }

  /**
   * Syncs the bytes, then saves the record that claims them; a clean record also has their stamp. When somebody else was at the bytes,
   * the record claims what may still be claimed.
   *
   * @throws DownloadError `LOCAL_IO` when that is nothing, unless it is the end anyway.
   */
  save(clean: boolean): Observable<never> {
    return defer(() => {
      const { sink } = this.#parts;
      const { verified } = this.ledger;
      // What the record claims is drawn up after its bytes were written, and before they are synced.
      const drawnUp = defer(() => of(this.#checkpoint()));
      const saved = concat(this.progress.flush(), drawnUp).pipe(
        concatMap((checkpoint) =>
          sink
            .sync()
            .pipe(
              concatMap((stamp) =>
                concat(this.listen(), this.#record(clean ? { ...checkpoint, cleanStamp: stamp } : checkpoint)),
              ),
            ),
        ),
      );
      const told = defer(() => {
        if (this.trust.state !== "lost") this.emit({ type: "checkpoint-saved", verified });
        return clean ? EMPTY : this.assured();
      });
      return concat(saved, told);
    });
  }

  /** Asks the sink whether anybody else was at the bytes. */
  listen(): Observable<never> {
    return doubtOf(this.#parts.sink).pipe(
      tap((doubt) => {
        const message = this.trust.hear(doubt);
        if (message !== undefined) this.emit({ type: "notice", message });
      }),
      ignoreElements(),
    );
  }

  /** @throws DownloadError `LOCAL_IO` when nothing of what is here counts any more. */
  assured(): Observable<never> {
    return defer(() => {
      const { state, complaint } = this.trust;
      return state === "whole" || state === "shaken"
        ? EMPTY
        : throwError(() => new DownloadError("LOCAL_IO", complaint));
    });
  }

  #checkpoint(): Checkpoint {
    const peers = this.#restored.memory.ofThisDownload(this.pool.records);
    return this.progress.checkpoint(peers, this.clock.toWall(this.clock.now()));
  }

  #record({ cleanStamp, ...checkpoint }: Checkpoint): Observable<never> {
    return defer(() => {
      const { progress: store } = this.#parts;
      switch (this.trust.state) {
        case "whole":
          return store.save({ ...checkpoint, ...(cleanStamp !== undefined && { cleanStamp }) });
        case "shaken":
          return store.save(checkpoint);
        case "gone":
          this.forget();
          return store.save(this.#checkpoint());
        case "lost":
          this.forget();
          return store.clear();
      }
    });
  }

  /** Leaves what this run learned to later downloads. Emits what the user should know of it, if anything. */
  learn(outcome: RunOutcome): Observable<string> {
    return defer(() => {
      const { memory, catalogue } = this.#restored;
      if (catalogue === undefined) return EMPTY;
      const run = runSummary(this.ledger.account(), outcome, this.clock.toWall(this.clock.now()));
      return catalogue.learn({ gains: memory.gains(this.pool.records), run });
    });
  }
}
