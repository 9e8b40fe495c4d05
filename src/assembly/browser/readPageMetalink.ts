import { defer, finalize, type Observable, of, switchMap } from "rxjs";
import { sha256 } from "../../adapters/browser/sha256.js";
import { HttpPeer } from "../../adapters/http/HttpPeer.js";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import { type Discovery, lonelyDiscovery } from "../../discovery/Discovery.js";
import { fetchText, mostTextBytes } from "../../discovery/fetchText.js";
import type { TextSource } from "../../discovery/parseSources.js";
import type { RetryConfig } from "../../download/RetryConfig.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { MetalinkFile } from "../../manifest/MetalinkFile.js";
import { type PageAccess, pageHttp } from "./pageHttp.js";
import type { PageSources } from "./pageSources.js";

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

/** As `readPageMetalink`, of the Metalink among the sources of an entry of a list. */
export function readListedMetalink(
  given: PageSources,
  access: PageAccess,
  retry: RetryConfig,
): Observable<readonly MetalinkFile[]> {
  const { metalink } = given.sources;
  return metalink === undefined ? of([]) : readPageMetalink(metalink, given, pageHttp(access), lonelyDiscovery(retry));
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
