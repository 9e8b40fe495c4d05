import type { Observable } from "rxjs";
import { concat, defer, EMPTY, ignoreElements, of, retry, tap, throwError } from "rxjs";
import { exponentialBackoff } from "../../operators/backoff.js";
import { defaultRandom, defaults } from "../../operators/defaults.js";
import { retryBudget } from "../../operators/retryBudget.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { chunkCount } from "../manifest/chunks.js";
import type { ChunkDone } from "../transfer/transferChunk.js";
import { realProgressBytes } from "../transfer/judgeFailure.js";
import { completionOf, transferChunk } from "../transfer/transferChunk.js";
import type { TransferConfig, TransferParts } from "../transfer/TransferParts.js";
import { askAgainMs } from "./askAgainMs.js";
import type { DownloadRun } from "./DownloadRun.js";
import type { Ledger } from "./Ledger.js";
import { totalRetries } from "./totalRetries.js";

/** Share of chunks that may give up in their first round. */
const mayGiveUp = 0.001;
const [fewest, most] = [1, 6];

/** The chunks of a run, each transferred with what all of them share, and with the same patience. */
export class ChunkTransfers {
  readonly #run: DownloadRun;
  readonly #shared: TransferParts;
  readonly #patience: TransferConfig;
  /** When each chunk began, by the clock, and the bytes that the run had then. */
  readonly #begun = new Map<number, { readonly at: number } & Pick<Ledger, "done" | "receivedBytes">>();

  constructor(run: DownloadRun) {
    this.#run = run;
    this.#shared = sharedBy(run);
    const { retry, policy, parallelRetries, strictPermanent } = run.config;
    this.#patience = {
      maxRetries: policy === "adaptive" ? () => this.#retriesNow : retry.maxChunkRetries,
      samePeerRetries: retry.samePeerRetries,
      attemptTimeoutMs: retry.chunkTimeoutSecs * 1000,
      deadlineMs: retry.chunkDeadlineSecs * 1000,
      continuationDelayMs: retry.initialBackoffMs,
      parallel: parallelRetries && !strictPermanent,
      strict: strictPermanent,
      ...(run.waitsForOthers && { desertedDelayMs: askAgainMs(retry) }),
    };
  }

  /** Time that a chunk waits in all its retries and the one that it does not get, ms. */
  get retryWaitsMs(): number {
    const { retry, policy } = this.#run.config;
    const { maxChunkRetries: configured, initialBackoffMs } = retry;
    const hopeless = { successRate: 0, configured, plenty: true };
    const retries = policy === "adaptive" ? adaptiveRetries(hopeless) : configured;
    const waits = Array.from({ length: retries }, (_, n) => this.#shared.backoff(n + 1));
    return waits.reduce((sum, wait) => sum + wait, initialBackoffMs);
  }

  /** One chunk, from what an earlier run left of it to its verification. */
  transfer(index: number): Observable<ChunkDone> {
    return defer(() => {
      const { progress, ledger, clock, pool } = this.#run;
      const assembly = progress.assemblyOf(index);
      const { done, receivedBytes } = ledger;
      this.#begun.set(index, { at: clock.now(), done, receivedBytes });
      const isLeft = progress.frontierOf(index) > 0;
      const prefix = assembly.load().pipe(
        tap({
          complete: () => {
            progress.frontierRead(index);
            if (isLeft && !assembly.isSpoilt) ledger.foundOnDisk(assembly.frontier);
          },
        }),
        ignoreElements(),
      );
      const transferred = transferChunk(assembly, this.#shared, this.#patience).pipe(
        retry({ delay: (error: unknown) => this.#waitOn(toDownloadError(error, { chunk: index })) }),
      );
      return concat(prefix, transferred).pipe(
        pool.opened(index),
        tap((event) => this.#run.emit(event)),
      );
    });
  }

  /** A chunk that is on disk, by its digest or its sum. */
  found(index: number): ChunkDone {
    const { length: bytes } = this.#run.progress.assemblyOf(index).chunk;
    const none = { peers: {}, attempts: 0, elapsedMs: 0 };
    const type = completionOf(this.#run.parts.manifest);
    const event = { type, chunk: index, bytes, ...none, resumed: true } as const;
    this.#run.emit(event);
    return event;
  }

  /**
   * True when a failed chunk waits for another round: with a dead swarm, and one that brought next to nothing since the chunk began, it would wait in
   * vain. When it does not, the download ends, and no chunk begins in its place.
   */
  parks(error: DownloadError, index: number): boolean {
    const { pool, config } = this.#run;
    const patient =
      error.code !== "LOCAL_IO" && error.code !== "RETRY_BUDGET_EXHAUSTED" && error.code !== "INVALID_INDEX";
    const parks = patient && this.#livesSince(index) && !config.failFast && !config.strictPermanent;
    this.#run.emit({
      type: "chunk-failed",
      chunk: index,
      code: error.code,
      attempts: error.attempt ?? 0,
      parked: parks,
    });
    if (!parks) pool.stop();
    return parks;
  }

  /** True when the swarm brought anything since the chunk began; after the time of an attempt it has to be real progress. */
  #livesSince(index: number): boolean {
    const { ledger, clock } = this.#run;
    const { at, done, receivedBytes } = this.#begun.get(index) ?? { at: 0, done: 0, receivedBytes: 0 };
    if (clock.now() - at < this.#patience.attemptTimeoutMs) return ledger.lastGainAt >= at;
    return ledger.done > done || ledger.receivedBytes - receivedBytes >= realProgressBytes;
  }

  /** Retries that a chunk is worth now, under the adaptive policy. */
  get #retriesNow(): number {
    const { maxChunkRetries: configured } = this.#run.config.retry;
    const plenty = this.#shared.allowance.tokens > defaults.budget.capacity / 2;
    return adaptiveRetries({ successRate: this.#run.pool.successRate, configured, plenty });
  }

  /** A chunk's patience is for its attempts. How long to wait for whom it takes is the pool's to know, and `waitForHolders`. */
  #waitOn(error: DownloadError): Observable<unknown> {
    const { pool, waitsForOthers } = this.#run;
    const { code, chunk } = error;
    const isForsaken = waitsForOthers && chunk !== undefined && pool.isForsakenFor(chunk);
    const waits = code === "CHUNK_DEADLINE" && (pool.lost !== undefined || isForsaken);
    return waits ? of(undefined) : throwError(() => error);
  }
}

function sharedBy(run: DownloadRun): TransferParts {
  const { parts, config, pool, clock, ledger } = run;
  const { manifest, sink, random = defaultRandom, paused = EMPTY, onReceived } = parts;
  const { initialBackoffMs: initialMs, backoffMultiplier: multiplier, maxBackoffMs: maxMs, jitter } = config.retry;
  const most = config.retry.maxTotalRetries ?? Math.max(24, 2 * chunkCount(manifest));
  const budget = config.parallelRetries ? retryBudget({ scheduler: clock }) : undefined;
  return {
    manifest,
    pool,
    sink,
    sha256: run.hash,
    scheduler: clock,
    backoff: exponentialBackoff({ initialMs, multiplier, maxMs, jitter, random }),
    allowance: totalRetries(most, budget, defaults.budget.capacity),
    meter: {
      received: (peer, bytes) => {
        ledger.received(peer, bytes);
        onReceived?.(bytes);
      },
      wasted: (reason, bytes) => ledger.wasted(reason, bytes),
    },
    untouchedAfter: (index) => run.progress.untouchedAfter(index),
    paused,
    emit: (event) => run.emit(event),
  };
}

/** Circumstances in which a retry is due. */
export interface Outlook {
  /** Share of the legs that delivered, from 0 to 1. */
  readonly successRate: number;
  /** Retries that are configured. */
  readonly configured: number;
  /** True when the bucket that all retries share is more than half full. */
  readonly plenty: boolean;
}

/**
 * How many retries a chunk is worth: the fewest after which, at this success rate, no more than one chunk in a thousand gives up; from 1 to 6.
 * More than are configured only while there is plenty in the bucket: a sick swarm is not asked ever more often. None stay none.
 */
export function adaptiveRetries({ successRate, configured, plenty }: Outlook): number {
  if (configured === 0) return 0;
  let retries = fewest;
  while (retries < most && (1 - successRate) ** (retries + 1) > mayGiveUp) retries++;
  return plenty ? retries : Math.min(retries, configured);
}
