import { catchError, map, type Observable, of, switchMap, throwError } from "rxjs";
import { readCheckpoint } from "../../adapters/node/checkpointStore.js";
import { isErrno } from "../../adapters/node/localError.js";
import { readRanges } from "../../adapters/node/readRanges.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import { chunkAt, chunkCount } from "../../manifest/chunks.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { ByteRange } from "../../peers/Peer.js";
import { Bitmap } from "../../storage/Bitmap.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import type { MirrorFile } from "../mirrors/MirrorFile.js";
import { printOf } from "../mirrors/sampled.js";
import { sampleAt } from "../mirrors/sampleRanges.js";

/** How many places of what is here are compared, of complete chunks and of others. */
const samples = 8;

/**
 * Why the progress at `path` is of another version of a file that only its mirrors vouch for; `undefined` when it is of this one, as far as
 * can be seen, or when there is none. A mirror's own validators decide; where none is a strong ETag that has stayed, a few bytes are
 * compared. Emits once; errors with `LOCAL_IO`, and as the mirrors do.
 */
export function otherVersion(path: string, facts: FileFacts, mirrorFile: MirrorFile): Observable<string | undefined> {
  return readCheckpoint(`${path}.part.json`).pipe(
    // Whoever takes it up says what is wrong with it, if anything is.
    catchError((error: unknown) =>
      toDownloadError(error).code === "INVALID_CHECKPOINT" ? of(undefined) : throwError(() => error),
    ),
    switchMap((saved) => {
      if (saved?.mirrors === undefined) return of(undefined);
      if (saved.size !== facts.size) return of(`its size was ${saved.size} and is ${facts.size}`);
      const verdict = byValidators(saved.mirrors, facts.mirrors ?? {});
      return verdict === "same"
        ? of(undefined)
        : verdict === "unknown"
          ? byBytes(path, saved, mirrorFile)
          : of(verdict.changed);
    }),
  );
}

type Said = NonNullable<FileFacts["mirrors"]>;

function byValidators(before: Said, now: Said): "same" | "unknown" | { readonly changed: string } {
  let same = false;
  for (const [mirror, { etag, lastModified }] of Object.entries(now)) {
    const { etag: oldTag, lastModified: oldDate } = before[mirror] ?? {};
    if (etag !== undefined && oldTag !== undefined) {
      if (etag !== oldTag) return { changed: `its ETag was ${oldTag} and is ${etag}` };
      same = true;
    } else if (lastModified !== undefined && oldDate !== undefined && lastModified !== oldDate) {
      return { changed: `it was last changed on ${oldDate} and is of ${lastModified} now` };
    }
  }
  return same ? "same" : "unknown";
}

function byBytes(path: string, saved: Checkpoint, mirrorFile: MirrorFile): Observable<string | undefined> {
  const ranges = placesIn(saved);
  if (ranges.length === 0) return of(undefined);
  const theirs = mirrorFile.sample(ranges);
  if (theirs === undefined) return of("there is nothing by which it could be compared with what is here");
  return readRanges(`${path}.part`, ranges).pipe(
    catchError((error: unknown) =>
      // Progress without bytes counts for nothing anyway.
      isErrno(toDownloadError(error).cause, "ENOENT") ? of(undefined) : throwError(() => error),
    ),
    switchMap((ours) => {
      if (ours === undefined) return of(undefined);
      return theirs.pipe(
        map((wanted) => (printOf(ours) === wanted ? undefined : "its bytes are not those that are here")),
      );
    }),
  );
}

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
