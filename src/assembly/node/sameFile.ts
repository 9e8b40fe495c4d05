import type { Stats } from "node:fs";
import { combineLatest, from, map, type Observable, of, switchMap } from "rxjs";
import { digestsOfFile } from "../../adapters/node/digestsOfFile.js";
import { localError } from "../../adapters/node/localError.js";
import { readRanges } from "../../adapters/node/readRanges.js";
import { regularFile } from "../../adapters/node/regularFile.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import type { MirrorFile } from "../../discovery/MirrorFile.js";
import type { ByteRange } from "../../peers/Peer.js";
import { printOf, sampleRanges } from "../../discovery/samples.js";
import { sameBytes } from "../../transfer/verifyChunk.js";

/** Kind of the file that has the name, as far as can be told; `unknown` where it has the size of the file, and the mirrors let nobody see more. */
export type FoundFile = "none" | "same" | "another" | "unknown";

/**
 * Tells whether what has the name is the very file: by its digests, by that of the whole, or else by its size, a few bytes of the mirrors', and
 * because no mirror says that it was changed later. Emits once; errors with `LOCAL_IO`, and as the mirrors do.
 */
export function sameFile(
  path: string,
  facts: FileFacts,
  { mirrorFile, unsized = false }: { readonly mirrorFile?: MirrorFile | undefined; readonly unsized?: boolean } = {},
): Observable<FoundFile> {
  return from(
    regularFile(path).catch((cause: unknown) => {
      throw localError("look at", path, cause);
    }),
  ).pipe(
    switchMap((stats) => {
      if (stats === undefined) return of("none" as const);
      // Of a file whose size nobody tells, only a digest can.
      const tells = unsized ? facts.whole !== undefined : stats.size === facts.size;
      if (!tells) return of("another" as const);
      return isSame(path, stats, facts, mirrorFile).pipe(
        map((same) => (same === undefined ? "unknown" : same ? "same" : "another")),
      );
    }),
  );
}

function isSame(
  path: string,
  stats: Stats,
  facts: FileFacts,
  mirrorFile: MirrorFile | undefined,
): Observable<boolean | undefined> {
  const { size, chunkSize, digests, digestType: type = "sha-256", whole } = facts;
  if (digests !== undefined || whole !== undefined) {
    const chunks = digests && { chunkSize, type };
    return digestsOfFile(path, { whole: whole?.type, chunks }).pipe(
      map((found) => isEqual(digests, found.chunks?.digests) && isEqual(whole?.bytes, found.whole?.bytes)),
    );
  }
  const { modifiedAt = 0 } = mirrorFile ?? {};
  if (size === 0) return of(true);
  if (modifiedAt > stats.mtimeMs) return of(false);
  const compared = (ranges: readonly ByteRange[]): Observable<boolean> | undefined => {
    const theirs = mirrorFile?.sample(ranges);
    return (
      theirs &&
      combineLatest([readRanges(path, ranges), theirs]).pipe(map(([ours, wanted]) => printOf(ours) === wanted))
    );
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
