import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
  finalize,
  from,
  identity,
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
import type { AttemptFn } from "../../../operators/attempt.js";
import { StalledError } from "../../../operators/Deadline.js";
import { stallGuard } from "../../../operators/stallGuard.js";
import { checkpointStore } from "../../adapters/node/checkpointStore.js";
import { FileSink } from "../../adapters/node/FileSink.js";
import { hashes } from "../../adapters/node/hashes.js";
import { sha256 } from "../../adapters/node/sha256.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Digest } from "../../manifest/Digest.js";
import { hasherOf, type NewHasher } from "../../manifest/Hasher.js";
import { hashName } from "../../manifest/HashType.js";
import { toHex } from "../../manifest/hex.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { plainFile } from "../../manifest/plainFile.js";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import { hashRange } from "../../storage/hashRange.js";
import { uninterruptible } from "../../storage/uninterruptible.js";
import { sameBytes } from "../../transfer/verifyChunk.js";
import { failedBeforeStart, startedAndDone } from "../../discovery/beforeStart.js";
import { askMirror } from "../../discovery/askMirror.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { Mirror } from "../../discovery/Mirror.js";
import type { DownloadLock } from "./DownloadLock.js";
import type { Backpressure } from "./Backpressure.js";
import { UnsizedTally } from "./UnsizedTally.js";

const tellEveryMs = 250;

export interface UnsizedConfig {
  readonly discovery: Discovery;
  readonly overwrite: boolean;
  readonly backpressure: Pick<Backpressure, "came" | "paused" | "stored" | "waits">;
  /** Kept until nothing is done with the file any more. */
  readonly lock: Pick<DownloadLock, "use">;
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
    const tally = new UnsizedTally(mirror.id);
    const troubles = new Subject<DownloadEvent>();
    const free = lock.use();
    const file = new FileSink(path, { overwrite });
    const hasher = hasherOf(wanted?.type ?? "sha-256", sha256, hashes);
    const nothing = recordOf(name);
    const progress = checkpointStore(`${path}.part.json`, nothing);
    // The record last: it says whose the bytes are.
    const left = uninterruptible(
      concat(file.discard(), progress.clear()).pipe(
        tap({ error: (error: unknown) => free(error), complete: () => free() }),
      ),
    );
    const leave = (): void => void left.subscribe({ error: () => undefined }); // the next one who takes the lock hears of it

    const flowing = stallGuard<Pick<Mirror, "id" | "whole">>({
      firstByteMs: retry.chunkTimeoutSecs * 1000,
      idleMs: retry.chunkTimeoutSecs * 1000,
      paused: backpressure.paused,
    })((peer) => peer.whole());
    const whole: AttemptFn<Pick<Mirror, "id" | "whole">, unknown> = (peer, context) => {
      tally.begin();
      const hash = hasher();
      let end = 0;
      let waiting = 0;
      const stored = (bytes: number): void => {
        waiting -= bytes;
        backpressure.stored(bytes);
      };
      const store = (bytes: Uint8Array): Observable<Uint8Array> => {
        const offset = end;
        end += bytes.length;
        return concat(file.write(offset, bytes), of(bytes)).pipe(tap(({ length }) => stored(length)));
      };
      const stream = from(flowing(peer, context)).pipe(
        catchError((error: unknown) => throwError(() => named(error, peer.id))),
        tap((bytes) => {
          tally.came(bytes.length);
          waiting += bytes.length;
          backpressure.came(bytes.length);
          backpressure.waits(bytes.length);
          hash.update(bytes);
        }),
      );
      const checked = defer(() => {
        const digest = hash.digest();
        return concat(check(name, digest, wanted), look(file, end, digest, hasher));
      });
      // An end in error waits its turn: no write of this attempt may come after those of the next.
      const written = stream.pipe(
        map(store),
        catchError((error: unknown) => of(throwError(() => error))),
        concatMap(identity),
      );
      // An empty write first: the file ends where the last write of this attempt does.
      return concat(file.write(0, new Uint8Array()), written, checked).pipe(
        finalize(() => stored(waiting)),
        endWith(undefined), // an attempt that brings nothing has failed, and the file may be empty
      );
    };
    const onAgain = (error: DownloadError, waitMs: number): void => troubles.next(tally.again(error, waitMs));
    const quietly = { ...discovery, emit: () => undefined };
    const fetching = concat(
      file.open(Infinity).pipe(ignoreElements()),
      defer(() => progress.save({ ...nothing, savedAt: asyncScheduler.now() })),
      askMirror(mirror, whole, quietly, { answerMs: Infinity, onAgain }),
      file.finish(),
    ).pipe(
      throttleTime(tellEveryMs),
      map(() => tally.progress),
      finalize(() => troubles.complete()),
    );

    const message = `${mirror.id} does not tell how long its file is: it is fetched in one request, and could not be continued`;
    const notice = (text: string): DownloadEvent => ({ type: "notice", at: asyncScheduler.now(), message: text });
    const done = (): readonly DownloadEvent[] => {
      const facts = plainFile({ name, size: tally.size, ...(wanted && { whole: wanted }) }, sha256);
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
        defer(() => of(failedBeforeStart(error, asyncScheduler.now(), tally.account))),
        throwError(() => error),
      );
    };
    return concat(of(notice(message)), merge(troubles, fetching), tidied, defer(done)).pipe(
      catchError(failed),
      finalize(leave),
    );
  });
}

/** The record that says whose the bytes are: of a file without a size, and of none of its bytes. */
function recordOf(name: string): Checkpoint {
  const { root, size, chunkSize } = plainFile({ name, size: 0 }, sha256);
  const none = { complete: new Uint8Array(), frontiers: {}, failed: [], peers: {}, mirrors: {} };
  return { version: 1, root, name, size, chunkSize, ...none, resumes: 0, savedAt: 0 };
}

function named(error: unknown, peer: string): unknown {
  if (!(error instanceof StalledError)) return error;
  return new DownloadError("STALLED", `${peer} fell silent: ${error.message}`, { peer, cause: error });
}

function check(name: string, found: Uint8Array, wanted: Digest | undefined): Observable<never> {
  return defer(() => {
    if (wanted === undefined || sameBytes(found, wanted.bytes)) return EMPTY;
    const text = `${name} has ${hashName(wanted.type)} ${toHex(found)}, expected ${toHex(wanted.bytes)}`;
    return throwError(() => new DownloadError("CHECKSUM_MISMATCH", text));
  });
}

/** When the sink doubts that it has what came, it is read again. */
function look(file: FileSink, length: number, digest: Uint8Array, hasher: NewHasher): Observable<never> {
  return file.doubt().pipe(
    concatMap((doubt) => {
      if (doubt === undefined) return EMPTY;
      const refused = throwError(() => new DownloadError("LOCAL_IO", `${doubt.why}; nothing of it counts`));
      if (doubt.kind === "lost") return refused;
      return hashRange(file, { offset: 0, length }, hasher).pipe(
        concatMap((found) => (found !== undefined && sameBytes(found, digest) ? EMPTY : refused)),
      );
    }),
  );
}
