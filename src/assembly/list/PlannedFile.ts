import type { Observable } from "rxjs";
import type { FileEvent } from "../node/downloadFile.js";

/** Signals that stop one run of a download, which ends with `download-paused` then. */
export interface StopSignals {
  /** Keeps what is here. */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /** Removes it. */
  readonly discardWhen?: Observable<unknown> | undefined;
}

/** A file whose download can be run, more than once, each time with signals of its own. */
export interface PlannedFile {
  /** As its Metalink has it. */
  readonly name?: string;
  /** Bytes, as far as they are known before anybody was asked. */
  readonly size?: number;
  readonly run: (signals: StopSignals) => Observable<FileEvent>;
}
