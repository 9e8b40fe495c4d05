import type { Observable } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { aNumber } from "../../../operators/optionShapes.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { oneAtATime } from "../../download/oneAtATime.js";
import type { StopSignals } from "../list/PlannedFile.js";
import { BlobPlace } from "./BlobPlace.js";
import { pageDownload } from "./pageDownload.js";
import { type PageDownloadOptions, pageShapes } from "./PageDownloadOptions.js";
import type { PageSource } from "./pageSources.js";

export interface DownloadToBlobOptions extends PageDownloadOptions {
  /** Bytes that a file may take in memory. @default 536870912 */
  readonly maxBytes?: number | undefined;
}

/**
 * The events of a file that comes into memory. The file is in the last one, verified where its digests are known; `name` is what the manifest
 * suggests, never a path to write to.
 */
export type BlobEvent = DownloadEventWith<{ readonly blob: Blob; readonly name: string }>;

/** The shapes of the options of `downloadToBlob`. */
export const blobShapes: OptionShapes<DownloadToBlobOptions> = {
  ...pageShapes,
  maxBytes: aNumber(0, Infinity, "a number of bytes"),
};

const mostBytes = 512 * 1024 * 1024;

/**
 * Downloads one file from WebSocket peers and HTTP mirrors into memory; the `blob` is in `download-completed`, the last event. Sources are
 * `ws://host:port/ROOT` links, a root with `ws://host:port` places, `http(s)` addresses that are mirrors of one file, or a Metalink: its address, a `Blob` of
 * it, such as the `File` of an input (`select` says which of several files). What mirrors have to allow a page is in docs/page.md.
 *
 * Unsubscribing stops at once and keeps what was verified, as `pauseWhen` does; subscribing again resumes. One subscription at a time, another one ends with
 * `LOCKED`: share it. Ends as `download` does; a file larger than `maxBytes` is `LOCAL_IO`, one of which no mirror tells the size `PEER_REJECTED`.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be.
 */
export function downloadToBlob(
  sources: PageSource | readonly PageSource[],
  options: DownloadToBlobOptions = {},
): Observable<BlobEvent> {
  checkOptions("downloadToBlob", options, blobShapes);
  return blobRuns(sources, options)(options).pipe(oneAtATime<BlobEvent>());
}

/** Runs of one download as `downloadToBlob` makes it, one after the other: each goes on with what is kept of those before. */
export function blobRuns(
  sources: PageSource | readonly PageSource[],
  { maxBytes = mostBytes, ...options }: DownloadToBlobOptions,
): (signals: StopSignals) => Observable<BlobEvent> {
  const run = pageDownload(sources, options);
  const place = new BlobPlace(maxBytes);
  return (signals) => run(place, signals);
}
