import { defer, map, type Observable, tap } from "rxjs";
import { sha256 } from "../../adapters/browser/sha256.js";
import { wayOut } from "../../adapters/browser/wayOut.js";
import { connectBrowser } from "../../adapters/http/connectBrowser.js";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import { dialBrowser } from "../../adapters/websocket/dialBrowser.js";
import type { Doubts } from "../../discovery/Doubts.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import { type Checksum, parseChecksum } from "../../discovery/parseChecksum.js";
import { resolveConfig } from "../../download/DownloadConfig.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { FileFacts, Manifest } from "../../manifest/Manifest.js";
import { type Address, addressText } from "../../protocol/Address.js";
import type { Target } from "../assemble.js";
import { checkSecrets } from "../checkSecrets.js";
import { Discarding } from "../Discarding.js";
import type { StopSignals } from "../list/PlannedFile.js";
import { checkSelect } from "../requestFor.js";
import { assembleLater } from "./assembleLater.js";
import type { PageDownloadOptions } from "./PageDownloadOptions.js";
import { PageFile } from "./PageFile.js";
import { checkAddress, type PageSource, parsePageSources } from "./pageSources.js";

/** Place of a file's bytes in a page. */
export interface PagePlace<Result> {
  /** Facts of the file of which something is here, as far as they are known. */
  readonly facts: FileFacts | undefined;
  /** True when something of the file may be here. */
  readonly isBegun: boolean;
  /** Place for the bytes, with what is here of them, where that is of no other version than the mirrors have now. */
  open(facts: FileFacts, doubts: Doubts): Observable<Target>;
  /** Removes what is here, once the run has paused. */
  remove(): Observable<never>;
  /** The run is over, or was left. */
  leave(): void;
  /** The whole file, after a run that completed. */
  result(): Result;
}

/** One run of a download, whose bytes go to this place. */
export type PageRun = <Result>(place: PagePlace<Result>, signals: StopSignals) => Observable<DownloadEventWith<Result>>;

/**
 * A download as a page asks for it, all but the place of its bytes. One of which no mirror tells the size is `PEER_REJECTED`.
 *
 * @throws TypeError or RangeError for a source or an option that cannot be.
 */
export function pageDownload(sources: PageSource | readonly PageSource[], options: PageDownloadOptions): PageRun {
  const { credentials: _, select, checksum, peers, webSocket, headers = {}, discardWhen: __, ...others } = options;
  const { tokens = {}, ...config } = others;
  const given = parsePageSources([sources].flat());
  const file = new PageFile(given, { select, checksum: checksum === undefined ? undefined : checksumOf(checksum) });
  checkSelect(given.sources, select);
  checkSecrets(given.sources, { tokens, headers });
  const http = pageHttp(options);
  const resolved = resolveConfig(config);

  return (place, { pauseWhen, discardWhen }) =>
    defer(() => {
      const discard = new Discarding(discardWhen);
      const request = (given: FileRequest): FileRequest => ({
        ...given,
        ...manifestIn(given, place.facts),
        isBegun: () => place.isBegun,
      });
      const events = assembleLater({
        request: (discovery, metalink) => file.request(http, discovery, metalink).pipe(map(request)),
        followsMetalinks: true,
        more: peers,
        sockets: { dial: dialBrowser(webSocket), tokens },
        http,
        hashes: file.hashes,
        online: wayOut,
        digest: sha256,
        config: { ...resolved, pauseWhen: discard.orWhen(pauseWhen) },
        target: (known, doubts) =>
          defer(() => {
            file.checkSelected();
            return place.open(sizedFacts(known), doubts);
          }).pipe(tap(() => discard.begun(place.remove()))),
        leave: () => place.leave(),
      });
      return events.pipe(
        discard.asWished(),
        map((event) => (event.type === "download-completed" ? { ...event, ...place.result() } : event)),
      );
    });
}

/** The way of a page's requests to mirrors. */
export function pageHttp({ credentials = {}, tokens = {}, headers = {} }: PageDownloadOptions): HttpPeerOptions {
  return { connect: connectBrowser({ credentials }), tokens, headers };
}

function sizedFacts({ facts, unsized }: KnownFile): FileFacts {
  if (unsized === undefined) return facts;
  const text = `${unsized.id} does not tell how long its file is, and a page takes no file of unknown size; across origins its server may have to send Access-Control-Expose-Headers: Content-Range`;
  throw new DownloadError("PEER_REJECTED", text, { peer: unsized.id });
}

/** The manifest that a run before has asked for, if any, where the root alone is given. */
function manifestIn({ root }: FileRequest, facts: FileFacts | undefined): { readonly manifest?: Manifest } {
  if (root === undefined || facts?.root !== root || facts.digests === undefined) return {};
  return { manifest: { ...facts, digests: facts.digests } };
}

/** @throws TypeError for one that is none, and for the path of a list. */
function checksumOf(given: Address): Checksum {
  const checksum = parseChecksum(addressText(given));
  if ("list" in checksum) checkAddress(checksum.list, "a list of digests");
  return checksum;
}
