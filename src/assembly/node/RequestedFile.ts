import { resolve } from "node:path";
import { EMPTY, filter, map, type Observable, of, switchMap, take, tap } from "rxjs";
import { manifestEnding } from "../../storage/ManifestStore.js";
import { hashes } from "../../adapters/node/hashes.js";
import { manifestFile } from "../../adapters/node/manifestFile.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import { type Checksum, parseChecksum } from "../../discovery/parseChecksum.js";
import { chunkCount } from "../../manifest/chunks.js";
import { hashName } from "../../manifest/HashType.js";
import { Bitmap } from "../../storage/Bitmap.js";
import { completeBytes } from "../../storage/completeBytes.js";
import { readMetalinkSource, type ReadMetalinkSourceConfig } from "../../tools/readMetalinkSource.js";
import { readTextSource } from "../../tools/readTextSource.js";
import { keptManifest } from "../keptManifest.js";
import { type Documents, type FileWords, notSelectable, requestFor } from "../requestFor.js";
import { begunAt, type BegunFile, begunFiles } from "./begunFiles.js";
import type { LeftBytes } from "./withLeft.js";
import { likelyPath, mayBeBegun, type Place, targetPath } from "./prepareTarget.js";

/** Words of a user on a file, and where it goes. */
export interface FileWish extends FileWords {
  readonly place: Place;
  /** How documents are read, and whether all that is named is a stranger's. */
  readonly reading: ReadMetalinkSourceConfig;
}

/** The file that a user asks for, in one run: first as a request to the swarm, then, when the swarm knows it, as a place on the disk. */
export class RequestedFile {
  readonly #wish: FileWish;
  #isOfMetalink: boolean;
  #nameInMetalink: string | undefined;
  #request: FileRequest | undefined;

  constructor(wish: FileWish) {
    this.#wish = wish;
    this.#isOfMetalink = wish.sources.metalink !== undefined;
  }

  /** The request, once the documents are read that it is in; `metalink` is the only source when it turned out to be one. */
  request(discovery: Discovery, metalink: string | undefined): Observable<FileRequest> {
    const { sources, place, reading } = this.#wish;
    this.#isOfMetalink ||= metalink !== undefined;
    const from = metalink === undefined ? sources : { ...sources, metalink, mirrors: [] };
    const documents: Documents = {
      hashes,
      metalink: (source) => readMetalinkSource(source, reading, discovery),
      list: (source) => readTextSource(source, reading, discovery).pipe(map(({ text }) => text)),
    };
    return requestFor({ ...this.#wish, sources: from }, documents).pipe(
      tap(({ name }) => (this.#nameInMetalink = name)),
      map((request): FileRequest => ({
        ...request,
        ...(reading.isForeign === true && { named: [...request.places, ...request.mirrors].map(strange) }),
        isNamed: place.out !== undefined,
        isBegun: (suggested) => mayBeBegun(request, place, suggested),
      })),
      tap((request) => (this.#request = request)),
      switchMap((request) => this.#withKept(request, discovery)),
    );
  }

  /** Bytes that an earlier run left of the file, by its record; nothing where there is none, as far as can be told. Emits once at most. */
  left(): Observable<LeftBytes> {
    return this.#begun().pipe(
      take(1),
      map(({ record: { complete, size, chunkSize } }) => {
        const cut = { size, chunkSize };
        return { size, done: completeBytes(cut, Bitmap.from(complete, chunkCount(cut))) };
      }),
    );
  }

  #begun(): Observable<BegunFile> {
    const { place } = this.#wish;
    const request = this.#request;
    // Documents that cannot be read leave the name that was given.
    if (request === undefined) return place.out === undefined ? EMPTY : begunAt(resolve(place.dir ?? ".", place.out));
    if (request.root !== undefined) return begunFiles(request.root, place, request.name);
    return begunAt(likelyPath(request, place)).pipe(filter(({ record }) => record.mirrors !== undefined));
  }

  /** The request with the manifest that an earlier run left, where it would have to be asked for. */
  #withKept(request: FileRequest, { emit }: Discovery): Observable<FileRequest> {
    const { root, manifest, name } = request;
    if (root === undefined || manifest !== undefined) return of(request);
    const { place } = this.#wish;
    const known = place.out ?? name;
    const paths =
      known === undefined
        ? begunFiles(root, place).pipe(map(({ path }) => path))
        : of(resolve(place.dir ?? ".", known));
    const places = paths.pipe(map((path) => manifestFile(path + manifestEnding)));
    return keptManifest(places, root, (message) => emit({ type: "notice", message })).pipe(
      map((kept) => (kept === undefined ? request : { ...request, kept })),
    );
  }

  /**
   * The path of the file.
   *
   * @throws DownloadError `INVALID_MANIFEST` for a name that leads out of the folder, and where `select` was to choose and there is nothing to choose from.
   */
  pathOf({ facts }: Pick<KnownFile, "facts">): string {
    const { sources, select, place } = this.#wish;
    if (select !== undefined && !this.#isOfMetalink) throw notSelectable(select, sources);
    return targetPath(facts, place, facts.name === this.#nameInMetalink);
  }
}

/**
 * A checksum by its text.
 *
 * @throws TypeError for one that is none, or of a function that this machine lacks.
 */
export function checksumOf(text: string): Checksum {
  const checksum = parseChecksum(text);
  if ("list" in checksum || hashes(checksum.type) !== undefined) return checksum;
  throw new TypeError(
    `checksum is of type ${checksum.type}, and there is no ${hashName(checksum.type)} on this machine`,
  );
}

const strange = (url: string): NamedAddress => ({ url, publicOnly: true, source: "link" });
