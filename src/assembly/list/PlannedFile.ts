import type { Observable } from "rxjs";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { FileEvent } from "../node/downloadFile.js";

/** Signals that stop one run of a download, which ends with `download-paused` then. */
export interface StopSignals {
  /** Signal to pause; what is here of the file is kept. */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** Signal to give the file up; what is here of it is removed. */
  readonly discardWhen?: Observable<unknown> | undefined;
}

/** A file whose download can be run, more than once, each time with signals of its own. */
export interface PlannedFile<Event extends DownloadEvent = FileEvent> {
  /** Name of the file, as far as it is known before anybody was asked: as its Metalink has it; of a lone file, as it was given. */
  readonly name?: string;
  /** Size of the file, bytes, as far as it is known before anybody was asked. */
  readonly size?: number;
  /** Lets go of the path of the file, so that another one of the list may have it. */
  readonly leave?: () => void;
  readonly run: (signals: StopSignals) => Observable<Event>;
}
