import type { Account } from "../../download/Account.js";
import type { DownloadEvent, DownloadEventOf } from "../../download/DownloadEvent.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import type { FileEvent } from "../node/downloadFile.js";

/** One file of a list. */
export interface ListedFile {
  /**
   * Number of the file: the place of its entry in the list, from 0. Of a Metalink's files the first has that; the others are numbered after all entries, as
   * they become known.
   */
  readonly file: number;
  /** Number of the first file of its entry, where that is another: one Metalink names both. */
  readonly entry?: number;
  /** Address of the entry, without a password. */
  readonly source?: string;
  /** Name of the file, as far as it is known: as it was given, or as its Metalink has it, then as it is on the disk. */
  readonly name?: string;
  /** Size of the file, bytes, as far as it is known. */
  readonly size?: number;
}

/** Result of a download, as its last event tells it when it completes: `path` in Node; in a page `blob` and `name`. */
export type ResultOf<Event extends DownloadEvent> = Omit<
  Extract<Event, { readonly type: "download-completed" }>,
  keyof DownloadEventOf<"download-completed">
>;

/** The end of one file, by `status`. What is here of a file that is not completed is taken up by the next run, unless it was removed. */
export type FileOutcome<Event extends DownloadEvent = FileEvent> = ListedFile &
  /** With what came of it: in Node `path`, where it is. */
  (
    | ({ readonly status: "completed"; readonly account: Account } & ResultOf<Event>)
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
  /** Files that run or wait and whose size is not known: with none, `bytesKnown` is of all that there is to come. */
  readonly filesUnsized: number;
}

/** One thing that happened to a list of downloads, as plain data. */
export type ListEvent<Event extends DownloadEvent = FileEvent> =
  /** A file is in line: at the beginning, again when its Metalink has been read, and when it is to be tried again. */
  (
    | ({ readonly type: "file-waiting" } & ListedFile)
    /** The Metalink of a file that waits is read now. */
    | { readonly type: "file-reading"; readonly file: number }
    /** A download of the list says something. */
    | {
        readonly type: "file-event";
        readonly file: number;
        /** Event of that download. */
        readonly event: Event;
      }
    /** A file has ended, in whatever way. */
    | {
        readonly type: "file-ended";
        /** End of the file: completed, failed, paused or cancelled. */
        readonly outcome: FileOutcome<Event>;
      }
    /** Sums of all files, at most four times a second, while something changes. */
    | {
        readonly type: "total";
        /** Bytes and files together. */
        readonly total: ListTotal;
      }
    /** The last event: how each file ended. */
    | {
        readonly type: "list-ended";
        readonly total: ListTotal;
        /** End of each file, in the order of the list. */
        readonly outcomes: readonly FileOutcome<Event>[];
      }
  ) & {
    /** Time, ms. */
    readonly at: number;
  };
