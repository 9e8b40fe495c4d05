import { defer, map, type Observable, tap } from "rxjs";
import { type Checksum, parseChecksum } from "../../discovery/parseChecksum.js";
import { resolveConfig } from "../../download/DownloadConfig.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { type Address, addressText } from "../../protocol/Address.js";
import { checkSecrets } from "../checkSecrets.js";
import { checkSelect } from "../checkSelect.js";
import { Discarding } from "../Discarding.js";
import type { StopSignals } from "../list/PlannedFile.js";
import { assembleLater } from "./assembleLater.js";
import type { PageAssembly } from "./assemblePage.js";
import type { PageDownloadOptions } from "./PageDownloadOptions.js";
import type { PagePlace } from "./PagePlace.js";
import { checkAddress, type PageSource, parsePageSources } from "./pageSources.js";

/** One run of a download, whose bytes go to this place. */
export type PageRun = <Result>(place: PagePlace<Result>, signals: StopSignals) => Observable<DownloadEventWith<Result>>;

/**
 * A download as a page asks for it, all but the place of its bytes. What makes it is loaded by the first run.
 *
 * @throws TypeError or RangeError for a source or an option that cannot be.
 */
export function pageDownload(sources: PageSource | readonly PageSource[], options: PageDownloadOptions): PageRun {
  const { tokens, headers, credentials, webSocket, select, checksum: told, peers, rtc, shared, ...others } = options;
  const { discardWhen: _, ...config } = others;
  const given = parsePageSources([sources].flat());
  const checksum = told === undefined ? undefined : checksumOf(told);
  checkSelect(given.sources, select);
  if (shared !== undefined && (rtc ?? false) === false)
    throw new TypeError("shared needs the option rtc: a page serves others over WebRTC alone");
  checkSecrets(given.sources, { tokens, headers });
  const access = { tokens, headers, credentials, webSocket };
  const resolved = resolveConfig(config);

  return (place, { pauseWhen, discardWhen }) =>
    defer(() => {
      const discard = new Discarding(discardWhen);
      const page: PageAssembly = {
        ...{ given, words: { select, checksum }, access, rtc, more: peers },
        config: { ...resolved, pauseWhen: discard.orWhen(pauseWhen) },
        place,
        open: (known, doubts) => place.open(known, doubts).pipe(tap(() => discard.begun(place.remove()))),
        leave: () => place.leave(),
      };
      const load = () =>
        shared === undefined
          ? import("./assemblePage.js").then(({ assemblePage }) => assemblePage)
          : import("./pageServing.js").then(({ assembleShared }) => assembleShared(shared));
      return assembleLater(page, load).pipe(
        discard.asWished(),
        map((event) => (event.type === "download-completed" ? { ...event, ...place.result() } : event)),
      );
    });
}

/** @throws TypeError for one that is none, and for the path of a list. */
function checksumOf(given: Address): Checksum {
  const checksum = parseChecksum(addressText(given));
  if ("list" in checksum) checkAddress(checksum.list, "a list of digests");
  return checksum;
}
