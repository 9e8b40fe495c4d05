import { map, type Observable, tap } from "rxjs";
import { hashes } from "../../adapters/node/hashes.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import { type Checksum, parseChecksum } from "../../discovery/parseChecksum.js";
import { hashName } from "../../manifest/HashType.js";
import { readMetalinkSource, type ReadMetalinkSourceConfig } from "../../tools/readMetalinkSource.js";
import { readTextSource } from "../../tools/readTextSource.js";
import { type Documents, type FileWords, notSelectable, requestFor } from "../requestFor.js";
import { mayBeBegun, type Place, targetPath } from "./prepareTarget.js";

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
      map((request) => ({
        ...request,
        ...(reading.isForeign === true && { named: [...request.places, ...request.mirrors].map(strange) }),
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

const strange = (url: string): NamedAddress => ({ url, publicOnly: true, source: "link" });
