import type { Account } from "../../download/Account.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import type { FileEvent } from "../node/downloadFile.js";

/** One file of a list. */
export interface ListedFile {
  /** Number of the file: the place of its entry in the list, from 0. Of a Metalink's files the first has that; the others are numbered after all entries, as they become known. */
  readonly file: number;
  /** Number of the first file of its entry, where that is another: one Metalink names both. */
  readonly entry?: number;
  /** Address of the entry, without a password. */
  readonly source?: string;
  /** Name of the file, as far as it is known: as its Metalink has it, then as it is on the disk. */
  readonly name?: string;
  /** Size of the file, bytes, as far as it is known. */
  readonly size?: number;
}

/** The end of one file, by `status`. What is here of a file that is not completed is taken up by the next run, unless it was removed. */
export type FileOutcome = ListedFile &
  /** `path` is where it is. */
  (
    | { readonly status: "completed"; readonly account: Account; readonly path: string }
    | { readonly status: "failed"; readonly error: DownloadError; readonly account: Account }
    /** The whole list was paused, or this file. */
    | { readonly status: "paused"; readonly account: Account }
    /** `removed`: with what was here of it. */
    | { readonly status: "cancelled"; readonly account: Account; readonly removed: boolean }
  );

/** All files of a list together. */
export interface ListTotal {
  /** Bytes that are here. */
  readonly bytesDone: number;
  /** Bytes of the files whose size is known. */
  readonly bytesKnown: number;
  /** Bytes that came a second, of late. */
  readonly bytesPerSecond: number;
  readonly filesDone: number;
  readonly filesFailed: number;
  /** Files that were paused or cancelled. */
  readonly filesStopped: number;
  readonly filesRunning: number;
  readonly filesWaiting: number;
}

/** One thing that happened to a list of downloads, as plain data. `at` is time in ms. */
export type ListEvent = { readonly at: number } &
  /** A file is in line: at the beginning, again when its Metalink has been read, and when it is to be tried again. */
  (
    | ({ readonly type: "file-waiting" } & ListedFile)
    | { readonly type: "file-event"; readonly file: number; readonly event: FileEvent }
    | { readonly type: "file-ended"; readonly outcome: FileOutcome }
    /** At most four times a second, while something changes. */
    | { readonly type: "total"; readonly total: ListTotal }
    /** The last event: how each file ended, in the order of the list. */
    | { readonly type: "list-ended"; readonly total: ListTotal; readonly outcomes: readonly FileOutcome[] }
  );
