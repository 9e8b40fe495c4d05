import type { Observable, Subject } from "rxjs";
import { EMPTY } from "rxjs";
import { defaultRandom } from "../../operators/defaults.js";
import { chunkAt, chunkCount } from "../manifest/chunks.js";
import type { Digest } from "../manifest/Digest.js";
import { checksOf, integrityOf } from "../manifest/Manifest.js";
import { hasherOf, type NewHasher, unhashed } from "../manifest/Hasher.js";
import { Bitmap } from "../storage/Bitmap.js";
import { crc32 as plainCrc32 } from "../storage/crc32.js";
import { memoryOf } from "../storage/memoryOf.js";
import { PeerPool } from "../peers/PeerPool.js";
import type { PeerRecord } from "../peers/PeerRecord.js";
import { BlockPool, blockBytesFor } from "../transfer/BlockPool.js";
import type { AwakeClock } from "./AwakeClock.js";
import type { DownloadParts, ResolvedDownloadConfig } from "./DownloadConfig.js";
import type { DownloadEvent, UntimedEvent } from "./DownloadEvent.js";
import type { Ledger } from "./Ledger.js";
import { plural } from "./plural.js";
import { poolConfig } from "./poolConfig.js";
import { Progress } from "./Progress.js";
import { recheck } from "./recheck.js";
import { Recovery } from "./Recovery.js";
import type { Restored } from "./restore.js";
import { Trust } from "./Trust.js";

/** Length of a first blacklisting under the adaptive policy. */
const firstBlacklistMs = 15_000;

/** Time, books and voice: all that a run has before it knows what an earlier one left. */
export interface RunTools {
  readonly clock: AwakeClock;
  readonly ledger: Ledger;
  readonly events: Subject<DownloadEvent>;
}

/** One subscription to a download, which owns its voice, its books, its pool, and the progress of the file. */
export class DownloadRun {
  parts: DownloadParts & Required<Pick<DownloadParts, "crc32">>;
  readonly config: ResolvedDownloadConfig;
  readonly clock: AwakeClock;
  readonly ledger: Ledger;
  readonly pool: PeerPool;
  readonly progress: Progress;
  /** True when records may claim what is here: not as long as the file may turn out to be another one than is wanted. */
  isAgreed: boolean;
  /** Trust in the bytes that are here. */
  readonly trust = new Trust();
  /** Hash function that the digests of chunks are of. */
  readonly hash: NewHasher;
  readonly #recovery = new Recovery();
  readonly #events: Subject<DownloadEvent>;

  constructor(
    parts: DownloadParts,
    config: ResolvedDownloadConfig,
    restored: Restored,
    { clock, ledger, events }: RunTools,
  ) {
    const { manifest, sink, digest, hashes, crc32 = plainCrc32, random = defaultRandom, paused = EMPTY } = parts;
    const { retry, strategy, policy } = config;
    this.parts = { ...parts, crc32 };
    this.config = config;
    this.clock = clock;
    this.ledger = ledger;
    this.#events = events;
    this.hash = hasherOf(manifest.digestType ?? "sha-256", digest, hashes);
    const checks =
      manifest.digests !== undefined ? { sha256: this.hash } : { sha256: unhashed, ...summing(this.parts) };
    const blocks = new BlockPool(blockBytesFor(manifest.chunkSize, manifest.digests && this.hash), (bytes) =>
      memoryOf(sink, bytes),
    );
    this.progress = new Progress(manifest, { sink, blocks, ...checks }, restored, (atMs) => clock.toWall(atMs));
    this.isAgreed = parts.agreement === undefined || this.progress.isResumed;
    const isSharing = parts.onProven !== undefined;
    const more = { strategy, random, isSharing, ...(policy === "adaptive" && { firstBlacklistMs }) };
    this.pool = new PeerPool(
      { scheduler: clock, records: restored.memory.records, paused },
      poolConfig(retry, manifest.chunkSize, more),
    );
  }

  /** Peer records of the pool, in wall time. */
  get peerRecords(): Readonly<Record<string, PeerRecord>> {
    return this.pool.records;
  }

  /** True when chunks wait for others who may have them: not for one that fails fast, whose retries are all that it has. */
  get waitsForOthers(): boolean {
    return this.parts.looksForPeers === true && !this.config.failFast;
  }

  /** Tells what is there already. */
  begin({ complete, unchecked, resumes, notices }: Restored): void {
    const facts = this.parts.manifest;
    const { root, name, size, chunkSize } = facts;
    const resumedChunks = complete.count;
    const resumedBytes = this.progress.completeBytes;
    this.ledger.open(resumedBytes, resumes);
    const manifest = { root, name, size, chunkSize, chunkCount: complete.length, integrity: integrityOf(facts) };
    const which = resumedChunks > 0 && { resumedRanges: complete.ranges() };
    this.emit({ type: "download-started", manifest, resumedChunks, resumedBytes, ...which });
    this.tellProven();
    for (const message of notices) this.notice(message);
    if (unchecked.length === 0 || facts.digestsFound) return;
    this.notice(`The last run did not end cleanly: ${unchecked.length} chunks on disk are checked beside the download`);
  }

  /** A digest of the whole has come up while the file is fetched. */
  learn(whole: Digest): void {
    const manifest = { ...this.parts.manifest, whole };
    this.parts = { ...this.parts, manifest };
    this.ledger.isCheckedBy({ integrity: integrityOf(manifest), checks: checksOf(manifest) });
  }

  emit(untimed: UntimedEvent): void {
    const event = { ...untimed, at: this.clock.now() } as DownloadEvent;
    this.ledger.book(event);
    this.progress.note(event);
    if (event.type === "chunk-verified") this.tellProven();
    this.#events.next(event);
    const more = this.#recovery.after(event);
    if (more !== undefined) this.emit(more);
  }

  notice(message: string): void {
    this.emit({ type: "notice", message });
  }

  /** Takes back what was complete, but for the chunks `right`; answers the indices of those that are wrong. */
  spoil(right: readonly number[]): readonly number[] {
    const kept = new Set(right);
    const spoilt = this.progress.complete().filter((index) => !kept.has(index));
    this.progress.keep(right);
    this.tellProven();
    for (const index of spoilt) this.ledger.spoilt(chunkAt(this.parts.manifest, index).length);
    const are = spoilt.length === 1 ? "is" : "are";
    if (spoilt.length > 0)
      this.notice(`${plural(spoilt.length, "chunk")} ${are} wrong on disk, and ${are} fetched again`);
    return spoilt;
  }

  /** Looks at chunks on the disk; emits those that are right. */
  recheck(chunks: readonly number[]): Observable<number> {
    return recheck(chunks, { ...this.parts, hash: this.hash, sumOf: (index) => this.progress.witnesses.sumOf(index) });
  }

  /** Has chunks asked of others than the peers that brought them, of whom `suspect` is one. */
  askOthers(chunks: readonly number[], suspect: string): void {
    const asked = new Set(chunks);
    this.progress.keep(this.progress.complete().filter((index) => !asked.has(index)));
    for (const index of chunks) {
      this.ledger.contested(chunkAt(this.parts.manifest, index).length);
      const heard = this.progress.witnesses.heard(index);
      this.pool.bar(index, this.pool.hasAnother(heard, index) ? heard : new Set([suspect]));
    }
  }

  /** Lets chunks be asked of any peer again. */
  askAnybody(chunks: readonly number[]): void {
    for (const index of chunks) this.pool.bar(index, new Set());
  }

  /** Drops what is here, none of which is what it should be. */
  forget(): void {
    this.progress.forget();
    this.ledger.forget();
    this.tellProven();
  }

  /** Tells whoever passes chunks on which of them are proved: none while the bytes are in doubt. */
  tellProven(): void {
    const { onProven, manifest } = this.parts;
    if (onProven === undefined || manifest.digests === undefined || integrityOf(manifest) !== "chunks") return;
    const { completeSet } = this.progress;
    onProven(this.trust.state === "whole" && this.isAgreed ? completeSet : Bitmap.empty(chunkCount(manifest)));
  }
}

/**
 * The sums of chunks without digests, where they are needed: the bytes may become others where they lie, or a digest of the whole, there or to come, may be
 * wrong, so that what one peer brought is compared with what another one did.
 */
function summing({
  sink,
  manifest,
  agreement,
  crc32,
}: DownloadRun["parts"]): Partial<Pick<DownloadRun["parts"], "crc32">> {
  const isCertain = sink.isPrivate === true && manifest.whole === undefined && agreement === undefined;
  return isCertain ? {} : { crc32 };
}
