import { combineLatest, map, type Observable, of, tap } from "rxjs";
import { hashes } from "../../adapters/node/hashes.js";
import { digestInList } from "../../discovery/digestInList.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import { type Checksum, parseChecksum } from "../../discovery/parseChecksum.js";
import type { Sources } from "../../discovery/parseSources.js";
import { type Resolved, resolveSources } from "../../discovery/resolveSources.js";
import type { FileSelection } from "../../discovery/selectFiles.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { printableUrl } from "../../errors/printableUrl.js";
import { digestFromHex } from "../../manifest/Digest.js";
import { hashName, hashTypes } from "../../manifest/HashType.js";
import { integrityOf } from "../../manifest/Manifest.js";
import { readMetalinkSource } from "../../tools/readMetalinkSource.js";
import { readTextSource, type ReadTextSourceConfig } from "../../tools/readTextSource.js";
import { mayBeBegun, type Place, targetPath } from "./prepareTarget.js";

/** Words of a user on a file. */
export interface FileWish {
  readonly sources: Sources;
  /** File that is chosen, one of a Metalink. */
  readonly select: FileSelection | undefined;
  readonly checksum: Checksum | undefined;
  readonly place: Place;
  /** How documents are read. */
  readonly reading: ReadTextSourceConfig;
}

/** The file that a user asks for, in one run: first as a request to the swarm, then, when the swarm knows it, as a place on the disk. */
export class RequestedFile {
  readonly #wish: FileWish;
  #isOfMetalink: boolean;
  #nameInMetalink: string | undefined;

  constructor(wish: FileWish) {
    this.#wish = wish;
    this.#isOfMetalink = wish.sources.metalink !== undefined;
  }

  /** The request, once the documents are read that it is in; `metalink` is the only source when it turned out to be one. */
  request(discovery: Discovery, metalink: string | undefined): Observable<FileRequest> {
    const { sources, select, checksum, place, reading } = this.#wish;
    this.#isOfMetalink ||= metalink !== undefined;
    const from = metalink === undefined ? sources : { ...sources, metalink, mirrors: [] };
    return combineLatest([
      resolveSources(from, { select, read: (source) => readMetalinkSource(source, reading, discovery) }),
      checksum === undefined ? of(undefined) : wholeOf(checksum, reading, discovery),
    ]).pipe(
      map(([resolved, whole]) => requestOf(resolved, whole)),
      tap(({ name }) => (this.#nameInMetalink = name)),
      map((request) => ({
        ...request,
        isNamed: place.out !== undefined,
        isBegun: (suggested) => mayBeBegun(request, place, suggested),
      })),
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

/** The digest of a checksum; out of a list, by the names of the file. */
function wholeOf(
  checksum: Checksum,
  reading: ReadTextSourceConfig,
  discovery: Discovery,
): Observable<FileRequest["whole"]> {
  if (!("list" in checksum)) return of(checksum);
  const { list } = checksum;
  return readTextSource(list, reading, discovery).pipe(
    map(
      ({ text }) =>
        (names: readonly string[]) =>
          digestInList(text, names, printableUrl(list)),
    ),
  );
}

/**
 * The request with a digest of the whole: that of a metalink counts where the digests of chunks, if there are any, prove less than it does; a checksum that
 * was given counts always. Digests that cannot be made here are as if nobody had told them.
 */
function requestOf({ hash, pieces: told, ...resolved }: Resolved, given: FileRequest["whole"]): FileRequest {
  const pieces = told !== undefined && hashes(told.digestType) !== undefined ? told : undefined;
  const said = hash === undefined || hashes(hash.type) === undefined ? undefined : digestFromHex(hash.type, hash.hex);
  const byChunks = integrityOf({ ...(resolved.manifest ?? pieces) });
  const isBetter = byChunks === "none" || (byChunks === "weak" && said !== undefined && hashTypes[said.type].proves);
  const whole = given ?? (isBetter ? said : undefined);
  return { ...resolved, ...(pieces && { pieces }), ...(whole && { whole }) };
}

function notSelectable(select: FileSelection, { mirrors: [address = ""] }: Sources): DownloadError {
  const text = `select is ${JSON.stringify(select)}; it chooses from a Metalink, and ${printableUrl(address)} is none`;
  return new DownloadError("INVALID_MANIFEST", text);
}
