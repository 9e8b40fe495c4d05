import type { Observable } from "rxjs";
import { catchError, concatMap, map, of } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { chunkCount } from "../manifest/chunks.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { Bitmap } from "../storage/Bitmap.js";
import type { Catalogue, LoadedCatalogue } from "../storage/Catalogue.js";
import type { Checkpoint } from "../storage/Checkpoint.js";
import { recut } from "../storage/recut.js";
import type { DownloadParts } from "./DownloadConfig.js";
import { PeerMemory } from "./PeerMemory.js";

/** Peers as the catalogue knows them. */
type Recalled = Pick<LoadedCatalogue, "peers" | "notice"> & {
  /** Where to leave what is learned: nowhere without a catalogue, nor beside one that cannot be read. */
  readonly catalogue?: Catalogue;
};

/** Where a run begins. */
export interface Restored {
  /** Chunks that are taken as they are. */
  readonly complete: Bitmap;
  /** Chunks that may have bytes, to be hashed again. */
  readonly suspects: readonly number[];
  /** Bytes from the start of unfinished chunks. */
  readonly frontiers: readonly (readonly [chunk: number, frontier: number])[];
  /** Records of peers. */
  readonly memory: PeerMemory;
  /** Where to leave what is learned of them. */
  readonly catalogue: Recalled["catalogue"];
  readonly resumes: number;
  /** Lines that the user should read. */
  readonly notices: readonly string[];
}

/**
 * Loads the checkpoint, opens the sink and asks the catalogue. After a clean end, which the stamp of the stored bytes proves, the claims are
 * taken as they are; after any other, every chunk with bytes is suspect. Without digests nothing could be hashed against: then the claims count
 * either way, as far as there are bytes, because bytes are synced before the record that claims them.
 *
 * @throws DownloadError `INVALID_CHECKPOINT` when it is another file's, `LOCAL_IO`.
 */
export function restore(
  { manifest, sink, progress, catalogue }: Pick<DownloadParts, "manifest" | "sink" | "progress" | "catalogue">,
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
                ...begin(manifest, checkpoint, size, stamp),
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
  present: number,
  stamp: string | undefined,
): Omit<Restored, "memory" | "catalogue" | "notices"> {
  const count = chunkCount(manifest);
  const wasHashed = manifest.digestsFound === undefined;
  const clean = wasHashed && checkpoint?.cleanStamp !== undefined && checkpoint.cleanStamp === stamp;
  const touched = Math.min(count, Math.ceil(present / manifest.chunkSize));
  const believed = checkpoint !== undefined && (clean || manifest.digests === undefined);
  const claimed = believed ? Bitmap.from(checkpoint.complete, count) : Bitmap.empty(count);
  const complete = clean ? claimed : within(claimed, present, manifest);
  const suspects =
    believed || manifest.digests === undefined ? [] : Array.from({ length: touched }, (_, index) => index);
  return {
    complete,
    suspects,
    frontiers: frontiersOf(checkpoint, present, manifest),
    resumes: checkpoint === undefined ? 0 : checkpoint.resumes + 1,
  };
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
): readonly (readonly [number, number])[] {
  return Object.entries(checkpoint?.frontiers ?? {})
    .map(([index, frontier]) => [Number(index), frontier] as const)
    .filter(([index, frontier]) => index * chunkSize + frontier <= present);
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
