import { defer, finalize, type Observable, of, switchMap } from "rxjs";
import { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import { sha256 } from "../../adapters/browser/sha256.js";
import type { Discovery } from "../../discovery/Discovery.js";
import { fetchText, mostTextBytes } from "../../discovery/fetchText.js";
import { parseSources, type Source, type Sources, type TextSource } from "../../discovery/parseSources.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";

/** A place that a page can have a file from: as for `downloadFile`, and a Metalink as a `Blob`, such as the `File` of an input. */
export type PageSource = Source | Blob;

/** The sources that a page was given, with the Metalinks that it has at hand. */
export interface PageSources {
  readonly sources: Sources;
  /** The documents at hand, by what stands for them among the sources. */
  readonly atHand: ReadonlyMap<TextSource, Blob>;
}

/** @throws TypeError as `parseSources` does, and for a path, which no page can read. */
export function parsePageSources(given: readonly PageSource[]): PageSources {
  const atHand = new Map<TextSource, Blob>();
  const named = given.map((source): Source => {
    if (!(source instanceof Blob)) return source;
    const name = source instanceof File ? source.name : "a Metalink";
    const standIn: MetalinkFile = { name, urls: [] };
    atHand.set(standIn, source);
    return standIn;
  });
  const sources = parseSources(named);
  if (typeof sources.metalink === "string") checkAddress(sources.metalink, "a Metalink");
  return { sources, atHand };
}

/** @throws TypeError for a path. */
export function checkAddress(address: string, what: string): void {
  if (/^https?:/i.test(address)) return;
  throw new TypeError(`a page cannot read the path ${address}; give the address of ${what}, or a Metalink as a Blob`);
}

/** The files that a Metalink names. Emits once; errors with `INVALID_MANIFEST`, or with what fetching it said. */
export function readPageMetalink(
  metalink: TextSource,
  { atHand }: Pick<PageSources, "atHand">,
  http: HttpPeerOptions,
  discovery: Discovery,
): Observable<readonly MetalinkFile[]> {
  const blob = atHand.get(metalink);
  if (blob !== undefined) return filesIn(textIn(blob));
  return typeof metalink === "string" ? filesIn(textAt(metalink, http, discovery)) : of([metalink]);
}

function filesIn(text: Observable<string>): Observable<readonly MetalinkFile[]> {
  return text.pipe(
    switchMap(async (xml) => {
      // Loaded here, for a parser of XML is much, and most pages have no Metalink.
      const { readMetalink } = await import("../../adapters/metalink/readMetalink.js");
      return readMetalink(xml, sha256, { maxLength: mostTextBytes });
    }),
  );
}

/** The text at an address. Emits once; errors as `fetchText` does. */
export function textAt(address: string, http: HttpPeerOptions, discovery: Discovery): Observable<string> {
  return defer(() => {
    const peer = new HttpPeer(address, http);
    return fetchText(peer, discovery).pipe(finalize(() => peer.close()));
  });
}

function textIn(blob: Blob): Observable<string> {
  return defer(() => {
    if (blob.size <= mostTextBytes) return blob.text();
    const text = `the Metalink has ${blob.size} bytes, expected at most ${mostTextBytes}`;
    throw new DownloadError("INVALID_MANIFEST", text);
  });
}
