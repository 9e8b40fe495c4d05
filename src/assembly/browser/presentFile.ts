import {
  catchError,
  concatMap,
  defer,
  forkJoin,
  from,
  map,
  type Observable,
  of,
  range,
  tap,
  throwError,
  toArray,
} from "rxjs";
import { pageError } from "../../adapters/browser/pageError.js";
import { sha256 } from "../../adapters/browser/sha256.js";
import { joinDigests } from "../../manifest/buildManifest.js";
import { chunkAt, chunkCount } from "../../manifest/chunks.js";
import type { HashType } from "../../manifest/HashType.js";
import { type Hashes, hasherOf } from "../../manifest/Hasher.js";
import { hashRange } from "../../storage/hashRange.js";
import type { FoundDigests, PresentFile, WantedDigests } from "../sameFile.js";

/** A whole file of a page's own file system, as it is looked at; hashed a MiB at a time, or a chunk at once where the browser does that. */
export function presentFile(file: File, hashes: Hashes): PresentFile {
  const { size, name, lastModified: modifiedAt } = file;
  const read = (offset: number, length: number): Observable<Uint8Array> =>
    defer(() => from(file.slice(offset, offset + length).arrayBuffer())).pipe(
      map((bytes) => new Uint8Array(bytes)),
      catchError((cause: unknown) => throwError(() => pageError("read", name, cause))),
    );
  const whole = (type: HashType, onHashed: WantedDigests["onHashed"]): Observable<FoundDigests> =>
    hashRange({ read }, { offset: 0, length: size }, hasherOf(type, sha256, hashes), onHashed).pipe(
      map((bytes) => (bytes === undefined ? {} : { whole: { bytes } })),
    );
  // Chunks are read in their order, each byte once: a hash of the whole goes along.
  const chunks = (cut: NonNullable<WantedDigests["chunks"]>, { whole: type, onHashed }: WantedDigests) =>
    defer((): Observable<FoundDigests> => {
      const hasher = hasherOf(cut.type, sha256, hashes);
      const running = type && hasherOf(type, sha256, hashes)();
      let hashed = 0;
      const noted = (offset: number, length: number): Observable<Uint8Array> =>
        read(offset, length).pipe(
          tap((bytes) => {
            running?.update(bytes);
            onHashed((hashed += bytes.length));
          }),
        );
      return range(0, chunkCount({ size, ...cut })).pipe(
        map((index) => chunkAt({ size, ...cut }, index)),
        concatMap((chunk) => hashRange({ read: noted }, chunk, hasher)),
        toArray(),
        map((all) => ({
          chunks: { digests: joinDigests(all.filter((digest) => digest !== undefined)) },
          ...(running && { whole: { bytes: running.digest() } }),
        })),
      );
    });
  return {
    ...{ size, modifiedAt },
    read: (ranges) => forkJoin(ranges.map(({ position, length }) => read(position, length))),
    digests: (wanted) => {
      const { whole: type, chunks: cut, onHashed } = wanted;
      if (cut !== undefined) return chunks(cut, wanted);
      return type === undefined ? of({}) : whole(type, onHashed);
    },
  };
}
