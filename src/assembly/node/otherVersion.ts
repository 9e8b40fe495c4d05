import { catchError, map, type Observable, of, switchMap, throwError } from "rxjs";
import { readCheckpoint } from "../../adapters/node/checkpointStore.js";
import { isErrno } from "../../adapters/node/localError.js";
import { readRanges } from "../../adapters/node/readRanges.js";
import { codeOf } from "../../errors/codeOf.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { chunkAt, chunkCount } from "../../manifest/chunks.js";
import type { ByteRange } from "../../peers/Peer.js";
import { Bitmap } from "../../storage/Bitmap.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { compareVersions, type OtherVersion, type ToldVersion } from "../../discovery/compareVersions.js";
import type { MirrorFile } from "../../discovery/MirrorFile.js";
import { printOf, sampleAt } from "../../discovery/samples.js";

/** How many places of what is here are compared, of complete chunks and of others. */
const samples = 8;

/**
 * Why the progress at `path` is of another version of a file that only its mirrors vouch for; `undefined` when it is of this one, as far as
 * can be seen, or when there is none. A mirror's own validators decide; where these leave it open, a few bytes are compared. Emits once; errors with
 * `LOCAL_IO`, and as the mirrors do.
 */
export function otherVersion(
  path: string,
  now: ToldVersion,
  mirrorFile: MirrorFile | undefined,
): Observable<OtherVersion | undefined> {
  return readCheckpoint(`${path}.part.json`).pipe(
    // The download that takes it up says what is wrong with it, if anything is.
    catchError((error: unknown) => (codeOf(error) === "INVALID_CHECKPOINT" ? of(undefined) : throwError(() => error))),
    switchMap((saved) => {
      if (saved === undefined || placesIn(saved).length === 0) return of(undefined);
      // A file with digests is judged by them, unless a file is to take its place of which nothing is known.
      if (saved.mirrors === undefined && now.size !== undefined) return of(undefined);
      const verdict = compareVersions(saved, now);
      if (verdict === "same") return of(undefined);
      return "why" in verdict ? of(verdict) : byBytes(path, saved, mirrorFile, verdict.byDate);
    }),
  );
}

function byBytes(
  path: string,
  saved: Checkpoint,
  mirrorFile: MirrorFile | undefined,
  byDate: "same" | OtherVersion | undefined,
): Observable<OtherVersion | undefined> {
  const all = placesIn(saved);
  const atStart = all.filter(({ position }) => position === 0);
  // Of whole files only the start can be seen, which is not enough where they say that they changed.
  const hasChanged = byDate !== undefined && byDate !== "same";
  const look =
    lookAt(all, mirrorFile) ?? (hasChanged || atStart.length === 0 ? undefined : lookAt(atStart, mirrorFile));
  if (look === undefined) return of(byDate === "same" ? undefined : (byDate ?? incomparable));
  return readRanges(`${path}.part`, look.ranges).pipe(
    catchError((error: unknown) =>
      // Progress without bytes counts for nothing anyway.
      error instanceof DownloadError && isErrno(error.cause, "ENOENT") ? of(undefined) : throwError(() => error),
    ),
    switchMap((ours) => {
      if (ours === undefined) return of(undefined);
      return look.theirs.pipe(map((wanted) => (printOf(ours) === wanted ? undefined : otherBytes)));
    }),
  );
}

function lookAt(ranges: readonly ByteRange[], mirrorFile: MirrorFile | undefined) {
  const theirs = mirrorFile?.sample(ranges);
  return theirs && { ranges, theirs };
}

const otherBytes: OtherVersion = { why: "its bytes are not those that are here", isWeak: false };
const incomparable: OtherVersion = {
  why: "its size is the same, but nothing else that was told of it is told again, and its bytes could not be compared",
  isWeak: false,
};

/** Where complete chunks begin, spread over the file, and where those begin and end that have come some of their way. */
function placesIn({ complete, frontiers, size, chunkSize }: Checkpoint): readonly ByteRange[] {
  const count = chunkCount({ size, chunkSize });
  const bits = Bitmap.from(complete, count);
  const begun = Array.from({ length: count }, (_, index) => index).filter((index) => bits.has(index));
  const whole = spread(begun).map((index) => sampleAt(index * chunkSize, chunkAt({ size, chunkSize }, index).length));
  const some = spread(Object.entries(frontiers)).flatMap(([index, bytes]) => {
    const start = Number(index) * chunkSize;
    const last = sampleAt(0, bytes).length;
    return [sampleAt(start, bytes), sampleAt(start + bytes - last, last)];
  });
  return [...whole, ...some];
}

/** A few of them: the first, the last, and some between. */
function spread<T>(all: readonly T[]): readonly T[] {
  const chosen = Array.from({ length: samples }, (_, n) =>
    Math.max(0, Math.round((n * (all.length - 1)) / (samples - 1))),
  );
  return [...new Set(chosen)].flatMap((index) => all.slice(index, index + 1));
}
