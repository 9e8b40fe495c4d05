import { defer, type Observable } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { aSwitch } from "../../../operators/optionShapes.js";
import type { DownloadEventWith } from "../../download/DownloadEvent.js";
import { oneAtATime } from "../../download/oneAtATime.js";
import { safeFileName } from "../../manifest/fileName.js";
import type { StopSignals } from "../list/PlannedFile.js";
import { OpfsPlace } from "./OpfsPlace.js";
import { pageDownload } from "./pageDownload.js";
import { type PageDownloadOptions, pageShapes } from "./PageDownloadOptions.js";
import type { PageSource } from "./pageSources.js";

export interface DownloadToOpfsOptions extends PageDownloadOptions {
  /** Name of the file, there and while it comes. @default as the manifest or the mirrors suggest */
  readonly name?: string | undefined;
  /** A file that the user chose (`showSaveFilePicker`), into which it is copied when it is whole, and then is no more where it was. @default it stays */
  readonly to?: FileSystemFileHandle | undefined;
  /** True when another file that has the name may be replaced. @default false */
  readonly overwrite?: boolean | undefined;
}

/**
 * The events of a file that comes onto the browser's disk. The `blob` in the last one is the file there, verified where its digests are known, and `name` is
 * its name.
 */
export type OpfsEvent = DownloadEventWith<{ readonly blob: File; readonly name: string }>;

/** The shapes of the options of `downloadToOpfs`. */
export const opfsShapes: OptionShapes<DownloadToOpfsOptions> = {
  ...pageShapes,
  name: { must: "the name of a file", fits: (value) => typeof value === "string" },
  to: {
    must: "a FileSystemFileHandle",
    fits: (value) => typeof value === "object" && value !== null && "createWritable" in value,
  },
  overwrite: aSwitch,
};

/**
 * Downloads one file from WebSocket peers and HTTP mirrors into the private file system of the page's origin (OPFS); the `blob` in `download-completed`, the
 * last event, is that file, with no bytes in memory. Until then there is `<name>.part` with a record beside it, from which the next call goes on, after a
 * reload too. Sources are those of `downloadToBlob`.
 *
 * Unsubscribing stops at once and saves behind, as `pauseWhen` does. One download of a name at a time among the tabs of an origin, another one ends with
 * `LOCKED`. Ends as `download` does; no room is `LOCAL_IO`, another file of that name that may not be replaced `TARGET_EXISTS` (the very file completes at
 * once), one of which no mirror tells the size `PEER_REJECTED`.
 *
 * @throws TypeError or RangeError at the call, for a source or an option that cannot be; DownloadError `INVALID_MANIFEST` for a name.
 */
export function downloadToOpfs(
  sources: PageSource | readonly PageSource[],
  options: DownloadToOpfsOptions = {},
): Observable<OpfsEvent> {
  checkOptions("downloadToOpfs", options, opfsShapes);
  return opfsRuns(sources, options)(options).pipe(oneAtATime<OpfsEvent>());
}

/** Runs of one download as `downloadToOpfs` makes it; each goes on with what is on the disk. */
export function opfsRuns(
  sources: PageSource | readonly PageSource[],
  { name, to, overwrite = false, ...options }: DownloadToOpfsOptions,
): (signals: StopSignals) => Observable<OpfsEvent> {
  if (name !== undefined) safeFileName(name);
  const run = pageDownload(sources, options);
  return (signals) => defer(() => run(new OpfsPlace({ name, to, overwrite }), signals));
}
