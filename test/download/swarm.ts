import type { SchedulerLike } from "rxjs";
import { firstValueFrom, NEVER, concat, of, VirtualTimeScheduler } from "rxjs";
import type { Observable } from "rxjs";
import type { MemoryCatalogue } from "../../src/adapters/memory/memoryCatalogue.js";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import type { Agreement } from "../../src/download/Agreement.js";
import { download } from "../../src/download/download.js";
import type { DownloadConfig } from "../../src/download/DownloadConfig.js";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "../../src/download/DownloadEvent.js";
import type { Hashes } from "../../src/manifest/Hasher.js";
import { buildManifest } from "../../src/manifest/buildManifest.js";
import type { FileFacts, Manifest } from "../../src/manifest/Manifest.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import type { ProgressStore } from "../../src/storage/ProgressStore.js";
import type { Peer, PeerSource } from "../../src/peers/Peer.js";

/** Bytes that differ from place to place. */
export function someBytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 17 + 7) & 0xff);
}

export async function manifestOf(bytes: Uint8Array, chunkSize: number): Promise<Manifest> {
  return firstValueFrom(of(bytes).pipe(buildManifest({ name: "file.bin", size: bytes.length, chunkSize }, sha256)));
}

/** A file of which no chunk has a digest; of the whole there may be one. */
export function plainOf(
  bytes: Uint8Array,
  chunkSize: number,
  more: Pick<FileFacts, "whole" | "mirrors"> = {},
): FileFacts {
  return { ...plainFile({ name: "file.bin", size: bytes.length, ...more }, sha256), chunkSize };
}

export function digestOfAll(bytes: Uint8Array): Uint8Array {
  const hasher = sha256();
  hasher.update(bytes);
  return hasher.digest();
}

/** A download in memory and virtual time, and all that it told. */
export interface Told {
  readonly events: readonly DownloadEvent[];
  readonly error: unknown;
  readonly completed: boolean;
  readonly bytes: Uint8Array;
  readonly endedAt: number;
  of<Type extends DownloadEventType>(type: Type): readonly DownloadEventOf<Type>[];
}

export interface Stage {
  readonly manifest: FileFacts;
  readonly sink?: ReturnType<typeof memorySink>;
  readonly progress?: ProgressStore;
  readonly hashes?: Hashes;
  readonly catalogue?: Pick<MemoryCatalogue, "load" | "record">;
  readonly config?: DownloadConfig;
  readonly scheduler?: VirtualTimeScheduler;
  readonly random?: () => number;
  readonly onReceived?: (bytes: number) => void;
  readonly looksForPeers?: boolean;
  readonly agreement?: (scheduler: SchedulerLike) => Agreement;
}

/** Runs the download to its end, or to `untilMs`, in virtual time. */
export function play(
  peersOf: (scheduler: SchedulerLike) => PeerSource | readonly Peer[],
  { manifest, sink = memorySink(), progress = memoryProgress(), config = {}, ...rest }: Stage,
  untilMs = 1_000_000,
): Told {
  const { scheduler = new VirtualTimeScheduler(undefined, untilMs), random = () => 0.5, agreement, ...optional } = rest;
  const given = peersOf(scheduler);
  const peers: PeerSource = isList(given) ? of(given) : given;
  const events: DownloadEvent[] = [];
  let error: unknown;
  let completed = false;
  let endedAt = -1;
  const subscription = download(
    {
      manifest,
      peers,
      sink,
      progress,
      digest: sha256,
      scheduler,
      random,
      ...optional,
      ...(agreement && { agreement: agreement(scheduler) }),
    },
    config,
  ).subscribe({
    next: (event) => events.push(event),
    error: (thrown: unknown) => {
      error = thrown;
      endedAt = scheduler.now();
    },
    complete: () => {
      completed = true;
      endedAt = scheduler.now();
    },
  });
  scheduler.maxFrames = untilMs;
  scheduler.flush();
  subscription.unsubscribe();
  return {
    events,
    error,
    completed,
    bytes: sink.bytes(),
    endedAt,
    of: <Type extends DownloadEventType>(type: Type) =>
      events.filter((event): event is DownloadEventOf<Type> => event.type === type),
  };
}

function isList(peers: PeerSource | readonly Peer[]): peers is readonly Peer[] {
  return Array.isArray(peers);
}

/** Peers that never become fewer, and of which more might come. */
export function openEnded(peers: readonly Peer[]): Observable<readonly Peer[]> {
  return concat(of(peers), NEVER);
}
