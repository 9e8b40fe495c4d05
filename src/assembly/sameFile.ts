/*
 * A list that is run again finds files that are there whole. Whether such a file is the very one that is wanted is judged here, for the disks of Node and of
 * browsers alike; how it is read is the platform's.
 */
import { combineLatest, map, type Observable, of } from "rxjs";
import type { MirrorFile } from "../discovery/MirrorFile.js";
import { type HashingTeller, tellHashing } from "../download/tellHashing.js";
import { printOf, sampleRanges } from "../discovery/samples.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { HashType } from "../manifest/HashType.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { ByteRange } from "../peers/Peer.js";
import { sameBytes } from "../transfer/verifyChunk.js";

/** Kind of the file that has the name, as far as can be told; `unknown` where it has the size of the file, and the mirrors let nobody see more. */
export type FoundFile = "none" | "same" | "another" | "unknown";

/** Functions of the digests that are wanted of a file. */
export interface WantedDigests {
  readonly whole?: HashType | undefined;
  readonly chunks?: { readonly chunkSize: number; readonly type: HashType } | undefined;
  /** Called with the bytes that are hashed by now. */
  readonly onHashed: (bytes: number) => void;
}

/** Digests of a file: of the whole, and of its chunks, one after the other. */
export interface FoundDigests {
  readonly whole?: { readonly bytes: Uint8Array };
  readonly chunks?: { readonly digests: Uint8Array };
}

/** A whole file that is here, as its platform reads it. */
export interface PresentFile {
  /** Bytes. */
  readonly size: number;
  /** Time of its last change, ms since the epoch. */
  readonly modifiedAt: number;
  /** The bytes at a few places. Emits once; errors with `LOCAL_IO`. */
  read(ranges: readonly ByteRange[]): Observable<readonly Uint8Array[]>;
  /** The digests that are wanted, of one reading. Emits once; errors with `LOCAL_IO`, and with `INVALID_MANIFEST` for a function that the platform lacks. */
  digests(wanted: WantedDigests): Observable<FoundDigests>;
}

export interface LookAtFile {
  /** @default no mirror can be asked */
  readonly mirrorFile?: MirrorFile | undefined;
  /** True of a file whose size nobody tells. @default false */
  readonly unsized?: boolean;
  /** Told of a hash that takes a while. */
  readonly teller: HashingTeller;
}

/**
 * Tells whether the file that has the name is the very one: by its digests, by that of the whole, or else by its size, a few bytes of the mirrors', and
 * because no mirror says that it was changed later. Emits once; errors as reading it does, and as the mirrors do.
 */
export function judgeFile(
  file: PresentFile,
  facts: FileFacts,
  { mirrorFile, unsized = false, teller }: LookAtFile,
): Observable<FoundFile> {
  // Of a file whose size nobody tells, only a digest can.
  const tells = unsized ? facts.whole !== undefined : file.size === facts.size;
  if (!tells) return of("another");
  const onHashed = tellHashing(teller, file.size);
  return isSame(file, facts, mirrorFile, onHashed).pipe(
    map((same) => (same === undefined ? "unknown" : same ? "same" : "another")),
  );
}

/**
 * True when the very file is here, false when there is none, or one that may be replaced. `title` tells where.
 *
 * @throws DownloadError `TARGET_EXISTS` for another one, or what may be one, that may not be replaced
 */
export function isWholeHere(found: FoundFile, overwrite: boolean, title: string): boolean {
  if (found === "none" || found === "same" || overwrite) return found === "same";
  const what =
    found === "another"
      ? "is another file"
      : "has the size of the file, but whether it is the same cannot be told: the server gives no parts, and no date";
  const message = `${title} already and ${what}; it is left as it is, unless overwriting is allowed`;
  throw new DownloadError("TARGET_EXISTS", message);
}

function isSame(
  file: PresentFile,
  { size, chunkSize, digests, digestType: type = "sha-256", whole }: FileFacts,
  mirrorFile: MirrorFile | undefined,
  onHashed: (bytes: number) => void,
): Observable<boolean | undefined> {
  if (digests !== undefined || whole !== undefined) {
    const chunks = digests && { chunkSize, type };
    return file
      .digests({ whole: whole?.type, chunks, onHashed })
      .pipe(map((found) => isEqual(digests, found.chunks?.digests) && isEqual(whole?.bytes, found.whole?.bytes)));
  }
  const { modifiedAt = 0 } = mirrorFile ?? {};
  if (size === 0) return of(true);
  if (modifiedAt > file.modifiedAt) return of(false);
  const compared = (ranges: readonly ByteRange[]): Observable<boolean> | undefined => {
    const theirs = mirrorFile?.sample(ranges);
    return theirs && combineLatest([file.read(ranges), theirs]).pipe(map(([ours, wanted]) => printOf(ours) === wanted));
  };
  const ranges = sampleRanges(size);
  // A mirror that sends only the whole has its beginning compared, which without its date is not enough.
  const byHead = (): Observable<boolean | undefined> | undefined =>
    compared(ranges.filter(({ position }) => position === 0))?.pipe(
      map((same) => (same && modifiedAt === 0 ? undefined : same)),
    );
  return compared(ranges) ?? byHead() ?? of(undefined);
}

/** A digest that was not asked for is nothing on both sides. */
function isEqual(wanted: Uint8Array | undefined, found: Uint8Array | undefined): boolean {
  return wanted === found || (wanted !== undefined && found !== undefined && sameBytes(wanted, found));
}
