import type { Observable } from "rxjs";
import { catchError, concatMap, map, of } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { chunkCount } from "../manifest/chunks.js";
import { defaultRandom } from "../../operators/defaults.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { Bitmap } from "../storage/Bitmap.js";
import type { Catalogue, LoadedCatalogue } from "../storage/Catalogue.js";
import type { Checkpoint } from "../storage/Checkpoint.js";
import { ChunkSums } from "../storage/ChunkSums.js";
import type { MetPeer } from "../storage/MetPeer.js";
import { recut } from "../storage/recut.js";
import type { LeftBytes } from "../transfer/ChunkAssembly.js";
import type { DownloadParts } from "./DownloadConfig.js";
import { PeerMemory } from "./PeerMemory.js";
import { sampleOf } from "./sampleOf.js";

/** Peers as the catalogue knows them. */
type Recalled = Pick<LoadedCatalogue, "peers" | "notice"> & {
  /** Where to leave what is learned: nowhere without a catalogue, nor beside one that cannot be read. */
  readonly catalogue?: Catalogue;
};

/** Where a run begins. */
export interface Restored {
  /** Chunks that are taken as they are. */
  readonly complete: Bitmap;
  /** Chunks that may have bytes, to be looked at again before they count. */
  readonly unchecked: readonly number[];
  /** A few of the chunks that are taken as they are, to be looked at all the same. */
  readonly samples: readonly number[];
  /** The beginnings of unfinished chunks. */
  readonly frontiers: readonly (readonly [chunk: number, left: LeftBytes])[];
  /** CRC-32 of chunks without digests. */
  readonly sums: ChunkSums;
  /** The peer that brought such a chunk, where it is known. */
  readonly bringerOf: (chunk: number) => string | undefined;
  /** Records of peers. */
  readonly memory: PeerMemory;
  /** Where to leave what is learned of them. */
  readonly catalogue: Recalled["catalogue"];
  /** Peers that strangers told an earlier run of. */
  readonly met: readonly MetPeer[];
  readonly resumes: number;
  /** Lines that the user should read. */
  readonly notices: readonly string[];
}

/**
 * Loads the checkpoint, opens the sink and asks the catalogue. After a clean end, which the stamp of the stored bytes speaks for, the claims are
 * taken as they are, but for a sample; after any other, every chunk with bytes is suspect. Without digests only what is claimed can be right, by its
 * sum; where not even that is known, the claim counts, because bytes are synced before the record that claims them.
 *
 * @throws DownloadError `INVALID_CHECKPOINT` when it is another file's, `LOCAL_IO`.
 */
export function restore(
  {
    manifest,
    sink,
    progress,
    catalogue,
    random = defaultRandom,
  }: Pick<DownloadParts, "manifest" | "sink" | "progress" | "catalogue" | "random">,
  now: () => number,
): Observable<Restored> {
  return progress.load().pipe(
    concatMap((loaded) => {
      const unreadable = loaded !== undefined && "unreadable" in loaded ? loaded : undefined;
      const checkpoint = loaded !== undefined && "version" in loaded ? claimsFor(manifest, loaded) : undefined;
      return sink.open(manifest.size).pipe(
        concatMap(({ size, stamp }) =>
          loadCatalogue(catalogue).pipe(
            map((recalled) => {
              const aside =
                unreadable &&
                `The saved progress was unreadable (${unreadable.unreadable}) and is kept as ${unreadable.setAside}; what is on disk is checked instead`;
              return {
                ...begin(manifest, checkpoint, { size, stamp }, random),
                memory: new PeerMemory(checkpoint, recalled.peers, now()),
                catalogue: recalled.catalogue,
                notices: [aside, recalled.notice].filter((notice) => notice !== undefined),
              };
            }),
          ),
        ),
      );
    }),
  );
}

function begin(
  manifest: FileFacts,
  checkpoint: Checkpoint | undefined,
  { size: present, stamp }: { readonly size: number; readonly stamp?: string | undefined },
  random: () => number,
): Omit<Restored, "memory" | "catalogue" | "notices"> {
  const count = chunkCount(manifest);
  const { digests, chunkSize, digestsFound } = manifest;
  const clean = !digestsFound && checkpoint?.cleanStamp !== undefined && checkpoint.cleanStamp === stamp;
  const saved = checkpoint === undefined ? Bitmap.empty(count) : Bitmap.from(checkpoint.complete, count);
  const claimed = clean ? saved : within(saved, present, manifest);
  const sums = checkpoint?.sums === undefined ? new ChunkSums(count) : ChunkSums.from(checkpoint.sums, count);
  const touched = Array.from({ length: Math.min(count, Math.ceil(present / chunkSize)) }, (_, index) => index);
  const known = touched.filter(
    (index) => claimed.has(index) && (digests !== undefined || sums.get(index) !== undefined),
  );
  const dirty = digests === undefined ? known : touched;
  const unchecked = clean ? [] : dirty;
  return {
    complete: clean ? claimed : claimed.without(unchecked),
    unchecked,
    samples: clean ? sampleOf(known, chunkSize, random) : [],
    frontiers: frontiersOf(checkpoint, present, manifest),
    sums,
    bringerOf: bringersIn(checkpoint),
    met: checkpoint?.met ?? [],
    resumes: checkpoint === undefined ? 0 : checkpoint.resumes + 1,
  };
}

function bringersIn(checkpoint: Checkpoint | undefined): Restored["bringerOf"] {
  const { bringers = [], broughtBy } = checkpoint ?? {};
  return (chunk) => bringers[(broughtBy?.[chunk] ?? 0) - 1];
}

/** Claims for which there are bytes. */
function within(claimed: Bitmap, present: number, { size, chunkSize }: FileFacts): Bitmap {
  if (present >= size) return claimed;
  const whole = Array.from({ length: Math.floor(present / chunkSize) }, (_, index) => index);
  return whole.reduce((all, index) => (claimed.has(index) ? all.with(index) : all), Bitmap.empty(claimed.length));
}

/** Only what the sink really has. */
function frontiersOf(
  checkpoint: Checkpoint | undefined,
  present: number,
  { chunkSize }: FileFacts,
): Restored["frontiers"] {
  return Object.entries(checkpoint?.frontiers ?? {})
    .map(([index, frontier]) => [Number(index), { frontier, sum: checkpoint?.frontierSums?.[index] }] as const)
    .filter(([index, { frontier }]) => index * chunkSize + frontier <= present);
}

/** Where chunks have no digests, or had none, it does not matter how an earlier run, or an earlier version of this program, has cut the file. */
function claimsFor(manifest: FileFacts, saved: Checkpoint): Checkpoint {
  const { root, size, chunkSize, digests, digestsFound } = manifest;
  const isSame = saved.root === root && saved.size === size;
  if (isSame && (digests === undefined || digestsFound)) return recut(saved, chunkSize);
  if (isSame && saved.chunkSize === chunkSize) return saved;
  const text = `the saved progress belongs to another file: its root is ${saved.root}, expected ${root}`;
  throw new DownloadError("INVALID_CHECKPOINT", text);
}

/** Peers as earlier downloads knew them. Never an error: a download goes on without, and says so. */
function loadCatalogue(catalogue: Catalogue | undefined): Observable<Recalled> {
  if (catalogue === undefined) return of({ peers: {} });
  return catalogue.load().pipe(
    map((remembered): Recalled => ({ ...remembered, catalogue })),
    catchError((error: unknown) => {
      const notice = `What earlier downloads learned cannot be used: ${toDownloadError(error).message}`;
      return of<Recalled>({ peers: {}, notice });
    }),
  );
}
