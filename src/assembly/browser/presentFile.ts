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
  const whole = ({ whole: type, onHashed }: WantedDigests): Observable<FoundDigests> => {
    if (type === undefined) return of({});
    return hashRange({ read }, { offset: 0, length: size }, hasherOf(type, sha256, hashes), onHashed).pipe(
      map((bytes) => (bytes === undefined ? {} : { whole: { bytes } })),
    );
  };
  const chunks = ({ chunks: cut, onHashed }: WantedDigests): Observable<FoundDigests> => {
    if (cut === undefined) return of({});
    const hasher = hasherOf(cut.type, sha256, hashes);
    return range(0, chunkCount({ size, ...cut })).pipe(
      map((index) => chunkAt({ size, ...cut }, index)),
      concatMap((chunk) => hashRange({ read }, chunk, hasher).pipe(tap(() => onHashed(chunk.offset + chunk.length)))),
      toArray(),
      map((all) => ({ chunks: { digests: joinDigests(all.filter((digest) => digest !== undefined)) } })),
    );
  };
  return {
    ...{ size, modifiedAt },
    read: (ranges) => forkJoin(ranges.map(({ position, length }) => read(position, length))),
    digests: (wanted) =>
      whole(wanted).pipe(concatMap((one) => chunks(wanted).pipe(map((all) => ({ ...one, ...all }))))),
  };
}
