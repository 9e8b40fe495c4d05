import { defer, from, type Observable, switchMap, tap } from "rxjs";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { Hashes } from "../../manifest/Hasher.js";
import { type FileWords, notSelectable, requestFor } from "../requestFor.js";
import type { PageSources } from "./pageSources.js";
import { readPageMetalink, textAt } from "./readPageMetalink.js";

/** The file that a page asks for: what documents tell of it is read, and the hashes that they speak of are loaded, when a run begins. */
export class PageFile {
  readonly #given: PageSources;
  readonly #words: Omit<FileWords, "sources">;
  #isOfMetalink: boolean;
  #hashes: Hashes = () => undefined;

  constructor(given: PageSources, words: Omit<FileWords, "sources">) {
    this.#given = given;
    this.#words = words;
    this.#isOfMetalink = given.sources.metalink !== undefined;
  }

  /** Hashes besides SHA-256, once they are loaded. */
  readonly hashes: Hashes = (type) => this.#hashes(type);

  /** The request, once the documents are read that it is in; `metalink` is the only source when it turned out to be one. */
  request(http: HttpPeerOptions, discovery: Discovery, metalink: string | undefined): Observable<FileRequest> {
    this.#isOfMetalink ||= metalink !== undefined;
    const { sources } = this.#given;
    const given = metalink === undefined ? sources : { ...sources, metalink, mirrors: [] };
    const asked = (hashes: Hashes): Observable<FileRequest> =>
      requestFor(
        { ...this.#words, sources: given },
        {
          hashes,
          metalink: (source) => readPageMetalink(source, this.#given, http, discovery),
          list: (source) => textAt(source, http, discovery),
        },
      );
    if (!this.#isOfMetalink && this.#words.checksum === undefined) return asked(this.hashes);
    return defer(() => from(import("../../adapters/browser/hashes.js"))).pipe(
      tap(({ hashes }) => (this.#hashes = hashes)),
      switchMap(({ hashes }) => asked(hashes)),
    );
  }

  /** @throws DownloadError `INVALID_MANIFEST` where `select` was to choose and there is nothing to choose from. */
  checkSelected(): void {
    const { select } = this.#words;
    if (select !== undefined && !this.#isOfMetalink) throw notSelectable(select, this.#given.sources);
  }
}
