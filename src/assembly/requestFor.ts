import { combineLatest, map, type Observable, of } from "rxjs";
import { digestInList } from "../discovery/digestInList.js";
import type { FileRequest } from "../discovery/FileRequest.js";
import type { Checksum } from "../discovery/parseChecksum.js";
import type { Sources, TextSource } from "../discovery/parseSources.js";
import { type Resolved, resolveSources } from "../discovery/resolveSources.js";
import type { FileSelection } from "../discovery/selectFiles.js";
import { DownloadError } from "../errors/DownloadError.js";
import { printableUrl } from "../errors/printableUrl.js";
import { digestFromHex } from "../manifest/Digest.js";
import type { Hashes } from "../manifest/Hasher.js";
import { hashTypes } from "../manifest/HashType.js";
import { integrityOf } from "../manifest/Manifest.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";

/** Words of a user on a file. */
export interface FileWords {
  readonly sources: Sources;
  /** File that is chosen, one of a Metalink. */
  readonly select: FileSelection | undefined;
  readonly checksum: Checksum | undefined;
}

/** The ways of a platform to read what tells of files. */
export interface Documents {
  readonly hashes: Hashes;
  readonly metalink: (source: TextSource) => Observable<readonly MetalinkFile[]>;
  /** The text of a list of digests. */
  readonly list: (source: string) => Observable<string>;
}

/** The file that a user asks for, once the documents are read that tell of it. Emits once; errors as `resolveSources` and the reading of the documents do. */
export function requestFor({ sources, select, checksum }: FileWords, documents: Documents): Observable<FileRequest> {
  return combineLatest([
    resolveSources(sources, { select, read: documents.metalink }),
    checksum === undefined ? of(undefined) : wholeOf(checksum, documents),
  ]).pipe(map(([resolved, whole]) => requestOf(resolved, whole, documents)));
}

/** The error of a selection from a lone address that turned out to be none of a Metalink. */
export function notSelectable(select: FileSelection, { mirrors: [address = ""] }: Sources): DownloadError {
  const text = `select is ${JSON.stringify(select)}; it chooses from a Metalink, and ${printableUrl(address)} is none`;
  return new DownloadError("INVALID_MANIFEST", text);
}

/** The digest of a checksum; out of a list, by the names of the file. */
function wholeOf(checksum: Checksum, documents: Documents): Observable<FileRequest["whole"]> {
  if (!("list" in checksum)) return of(checksum);
  const { list } = checksum;
  return documents
    .list(list)
    .pipe(map((text) => (names: readonly string[]) => digestInList(text, names, printableUrl(list))));
}

/**
 * The request with a digest of the whole: that of a metalink counts where the digests of chunks, if there are any, prove less than it does; a checksum that
 * was given counts always. Digests that cannot be made here are as if nobody had told them.
 */
function requestOf(
  { hash, pieces: told, ...resolved }: Resolved,
  given: FileRequest["whole"],
  { hashes }: Documents,
): FileRequest {
  const pieces = told !== undefined && hashes(told.digestType) !== undefined ? told : undefined;
  const said = hash === undefined || hashes(hash.type) === undefined ? undefined : digestFromHex(hash.type, hash.hex);
  const byChunks = integrityOf({ ...(resolved.manifest ?? pieces) });
  const isBetter = byChunks === "none" || (byChunks === "weak" && said !== undefined && hashTypes[said.type].proves);
  const whole = given ?? (isBetter ? said : undefined);
  return { ...resolved, ...(pieces && { pieces }), ...(whole && { whole }) };
}
