import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  Subject,
  tap,
  throttleTime,
  throwError,
} from "rxjs";
import { checkpointStore } from "../../adapters/node/checkpointStore.js";
import { FileSink } from "../../adapters/node/FileSink.js";
import { sha256 } from "../../adapters/node/sha256.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { plainFile } from "../../manifest/plainFile.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { uninterruptible } from "../../storage/uninterruptible.js";
import { endBeforeStart, startedAndDone } from "../../discovery/beforeStart.js";
import { askMirror } from "../../discovery/askMirror.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { Mirror } from "../../discovery/Mirror.js";
import type { ProgressStore } from "../../storage/ProgressStore.js";
import type { DownloadLock } from "./DownloadLock.js";
import type { Backpressure } from "./Backpressure.js";
import { storeWhole } from "./storeWhole.js";
import { UnsizedTally } from "./UnsizedTally.js";

const tellEveryMs = 250;

export interface UnsizedConfig {
  readonly discovery: Discovery;
  readonly overwrite: boolean;
  readonly backpressure: Pick<Backpressure, "came" | "paused" | "stored" | "waits">;
  /** Kept until nothing is done with the file any more. */
  readonly lock: Pick<DownloadLock, "use" | "whileHeld">;
}

/**
 * Fetches a file of which no mirror tells the size: one request for the whole, from the start again after each failure, because nobody could
 * say where to go on. The events of a download, but that it has started is told at the end, when its size is known; a failure is told by
 * `download-failed` before the error. Stopped or failed it leaves nothing; a record says whose `.part` is that a killed process leaves. Errors
 * with what the mirror said last, `CHECKSUM_MISMATCH`, `TARGET_EXISTS` or `LOCAL_IO`.
 */
export function fetchUnsized(
  path: string,
  { name, whole: wanted }: Pick<FileFacts, "name" | "whole">,
  mirror: Pick<Mirror, "id" | "whole">,
  { discovery, overwrite, backpressure, lock }: UnsizedConfig,
): Observable<DownloadEvent> {
  return defer(() => {
    const { retry } = discovery;
    const told = { name, ...(wanted && { whole: wanted }) };
    const tally = new UnsizedTally(mirror.id);
    const troubles = new Subject<DownloadEvent>();
    const free = lock.use();
    const file = new FileSink(path, { overwrite });
    const nothing = recordOf(name);
    const progress = checkpointStore(`${path}.part.json`, nothing);
    const left = uninterruptible(removed(file, progress, lock).pipe(tap({ error: free, complete: () => free() })));
    const leave = (): void => void left.subscribe({ error: () => undefined }); // the next one who takes the lock hears of it

    const held = {
      write: (offset: number, bytes: Uint8Array) => lock.whileHeld(file.write(offset, bytes)),
      read: (offset: number, length: number) => file.read(offset, length),
      doubt: () => file.doubt(),
    };
    const whole = storeWhole(held, told, { tally, backpressure, limitMs: retry.chunkTimeoutSecs * 1000 });
    const onAgain = (error: DownloadError, waitMs: number): void => troubles.next(tally.again(error, waitMs));
    const quietly = { ...discovery, emit: () => undefined };
    const fetching = concat(
      file.open(Infinity).pipe(ignoreElements()),
      defer(() => progress.save({ ...nothing, savedAt: asyncScheduler.now() })),
      askMirror(mirror, whole, quietly, { answerMs: Infinity, onAgain }),
      lock.whileHeld(file.finish()),
    ).pipe(
      throttleTime(tellEveryMs),
      map(() => tally.progress),
      finalize(() => troubles.complete()),
    );

    const message = `${mirror.id} does not tell how long its file is: it is fetched in one request, and could not be continued`;
    const notice = (text: string): DownloadEvent => ({ type: "notice", at: asyncScheduler.now(), message: text });
    const done = (): readonly DownloadEvent[] => {
      const facts = plainFile({ ...told, size: tally.size }, sha256);
      return startedAndDone(facts, asyncScheduler.now(), tally.account);
    };
    const tidied = left.pipe(
      catchError((error: unknown) =>
        of(notice(`What is left of ${path}.part could not be removed: ${toDownloadError(error).message}`)),
      ),
    );
    const failed = (thrown: unknown): Observable<DownloadEvent> => {
      const error = toDownloadError(thrown);
      return concat(
        tidied,
        defer(() => endBeforeStart({ error, came: tally.account }, asyncScheduler.now())),
      );
    };
    return concat(of(notice(message)), merge(troubles, fetching), tidied, defer(done)).pipe(
      catchError(failed),
      finalize(leave),
    );
  });
}

/** Removes the bytes, and then the record, which says whose they are; closes the file where that fails. */
function removed(
  file: FileSink,
  progress: Pick<ProgressStore, "clear">,
  lock: Pick<DownloadLock, "whileHeld">,
): Observable<never> {
  const removing = concat(file.discard(), progress.clear());
  return lock.whileHeld(removing).pipe(
    catchError((error: unknown) =>
      concat(
        file.close(),
        throwError(() => error),
      ),
    ),
  );
}

/** The record that says whose the bytes are: of a file without a size, and of none of its bytes. */
function recordOf(name: string): Checkpoint {
  const { root, size, chunkSize } = plainFile({ name, size: 0 }, sha256);
  const none = { complete: new Uint8Array(), frontiers: {}, failed: [], peers: {}, mirrors: {} };
  return { version: 1, root, name, size, chunkSize, ...none, resumes: 0, savedAt: 0 };
}
