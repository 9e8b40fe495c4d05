import { defer, map, type Observable, of, switchMap, tap } from "rxjs";
import { sha256 } from "../../adapters/browser/sha256.js";
import { wayOut } from "../../adapters/browser/wayOut.js";
import { dialBrowser } from "../../adapters/websocket/dialBrowser.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { FileRequest } from "../../discovery/FileRequest.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { DownloadError } from "../../errors/DownloadError.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { manifestIn } from "../../manifest/manifestIn.js";
import { assemble } from "../assemble.js";
import type { Assembly } from "../Assembly.js";
import type { FileWords } from "../requestFor.js";
import { rtcSource } from "../rtcSource.js";
import type { PageDownloadOptions } from "./PageDownloadOptions.js";
import { PageFile } from "./PageFile.js";
import { type PageAccess, pageHttp } from "./pageHttp.js";
import type { PageShare } from "./PageShare.js";
import type { PagePlace } from "./PagePlace.js";
import type { PageSources } from "./pageSources.js";

// Here as well, for what is loaded later is one part.
export { readListedMetalink } from "./readPageMetalink.js";

/** The parts of one run of a download in a page. */
export interface PageAssembly extends Pick<Assembly, "config" | "more" | "leave"> {
  readonly given: PageSources;
  readonly words: Omit<FileWords, "sources">;
  readonly access: PageAccess;
  readonly rtc: PageDownloadOptions["rtc"];
  readonly place: Pick<PagePlace<unknown>, "kept" | "isBegun" | "reader">;
  readonly open: PagePlace<unknown>["open"];
}

/** Runs a download of a page, as `assemble` does. A file of which no mirror tells the size is `PEER_REJECTED`. */
export function assemblePage(page: PageAssembly, share?: PageShare): Observable<DownloadEvent> {
  const { given, words, access, rtc, place, open, ...run } = page;
  const file = new PageFile(given, words);
  const http = pageHttp(access);
  const request = (asked: FileRequest, { emit }: Discovery): Observable<FileRequest> => {
    const begun = { ...asked, isBegun: () => place.isBegun };
    const { root, manifest } = asked;
    if (root === undefined || manifest !== undefined) return of(begun);
    return place
      .kept(root, (message) => emit({ type: "notice", message }))
      .pipe(
        map((facts) => {
          const kept = facts?.root === root ? manifestIn(facts) : undefined;
          return kept === undefined ? begun : { ...begun, kept };
        }),
      );
  };
  const dial = dialBrowser(access.webSocket);
  return assemble({
    ...run,
    leave: () => {
      run.leave();
      share?.leave();
    },
    request: (discovery, metalink) =>
      file.request(http, discovery, metalink).pipe(switchMap((asked) => request(asked, discovery))),
    followsMetalinks: true,
    sockets: { dial, ...(access.tokens && { tokens: access.tokens }), shares: share !== undefined },
    rtc: rtcSource(rtc, {
      engine: () => import("../../adapters/webrtc/pageEngine.js").then(({ pageEngine }) => pageEngine),
      ...{ dial, tokens: access.tokens },
      serve: share?.serve,
      isOwn: share?.isOwn,
      leaveWhen: share?.over,
      // A browser asks at no address that its page could not have it ask otherwise.
      mayAsk: () => true,
    }),
    http,
    hashes: file.hashes,
    online: wayOut,
    digest: sha256,
    target: (known, doubts, discovery) =>
      defer(() => {
        file.checkSelected();
        const [facts, { mirrorFile }] = [sizedFacts(known), known];
        share?.know(facts);
        const opening = open({ facts, mirrorFile, hashes: file.hashes, teller: discovery }, doubts);
        return opening.pipe(map((target) => share?.target(target) ?? target));
      }),
  }).pipe(tap((event) => share?.hear(event)));
}

function sizedFacts({ facts, unsized }: KnownFile): FileFacts {
  if (unsized === undefined) return facts;
  const text = `${unsized.id} does not tell how long its file is, and a page takes no file of unknown size; across origins its server may have to send Access-Control-Expose-Headers: Content-Range`;
  throw new DownloadError("PEER_REJECTED", text, { peer: unsized.id });
}
