import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  endWith,
  finalize,
  from,
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
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import { sha256 as newHash } from "../../adapters/node/sha256.js";
import { streamToFile } from "../../adapters/node/streamToFile.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import type { RetryConfig } from "../../download/RetryConfig.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { toHex } from "../../manifest/hex.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { plainFile } from "../../manifest/plainFile.js";
import { sameBytes } from "../../transfer/verifyChunk.js";
import { startedAndDone } from "../beforeStart.js";
import { askMirror } from "../mirrors/askMirror.js";
import type { HeldLock } from "./HeldLock.js";
import type { Hold } from "./Hold.js";
import { UnsizedTally } from "./UnsizedTally.js";

const tellEveryMs = 250;

export interface UnsizedConfig {
  readonly retry: RetryConfig;
  readonly hold: Pick<Hold, "came" | "held" | "stored" | "waits">;
  /** Kept until nothing is done with the file any more. */
  readonly lock: Pick<HeldLock, "use">;
}

/**
 * Fetches a file of which no mirror tells the size: one request for the whole, from the start again after each failure, because nobody could
 * say where to go on. The events of a download, but that it has started is told at the end, when its size is known. Unsubscribing stops and
 * leaves nothing. Errors with what the mirror said last, `CHECKSUM_MISMATCH` or `LOCAL_IO`.
 */
export function fetchUnsized(
  path: string,
  { name, sha256: wanted }: Pick<FileFacts, "name" | "sha256">,
  mirror: HttpPeer,
  { retry, hold, lock }: UnsizedConfig,
): Observable<DownloadEvent> {
  return defer(() => {
    const tally = new UnsizedTally(mirror.id);
    const troubles = new Subject<DownloadEvent>();
    const free = lock.use();
    let leaving: Promise<unknown> = Promise.resolve();

    const flowing = stallGuard<HttpPeer>({
      firstByteMs: retry.chunkTimeoutSecs * 1000,
      idleMs: retry.chunkTimeoutSecs * 1000,
      held: hold.held,
    })((peer) => peer.whole());
    const whole: AttemptFn<HttpPeer, Uint8Array> = (peer, context) => {
      tally.begin();
      const hash = newHash();
      let waiting = 0;
      const stream = from(flowing(peer, context)).pipe(
        catchError((error: unknown) => throwError(() => named(error, peer.id))),
        tap((bytes) => {
          tally.came(bytes.length);
          waiting += bytes.length;
          hold.came(bytes.length);
          hold.waits(bytes.length);
          hash.update(bytes);
        }),
      );
      const stored = (bytes: number): void => {
        waiting -= bytes;
        hold.stored(bytes);
      };
      return streamToFile(path, stream, {
        check: () => check(name, hash.digest(), wanted),
        onLeaving: (work) => void (leaving = work),
      }).pipe(
        tap(({ length }) => stored(length)),
        finalize(() => stored(waiting)),
        endWith(new Uint8Array()), // an attempt that brings nothing has failed, and the file may be empty
      );
    };
    const asking = {
      retry,
      onAgain: (error: DownloadError, waitMs: number) => troubles.next(tally.again(error, waitMs)),
    };
    const fetching = askMirror(mirror, whole, asking, Infinity).pipe(
      throttleTime(tellEveryMs),
      map(() => tally.progress),
      finalize(() => troubles.complete()),
    );

    const message = `${mirror.id} does not tell how long its file is: it is fetched in one request, and could not be continued`;
    const done = (): readonly DownloadEvent[] => {
      const facts = plainFile({ name, size: tally.size, ...(wanted && { sha256: wanted }) }, newHash);
      return startedAndDone(facts, asyncScheduler.now(), tally.account);
    };
    return concat(
      of<DownloadEvent>({ type: "notice", at: asyncScheduler.now(), message }),
      merge(troubles, fetching),
      defer(done),
    ).pipe(finalize(() => void leaving.then(free)));
  });
}

function named(error: unknown, peer: string): unknown {
  if (!(error instanceof StalledError)) return error;
  return new DownloadError("STALLED", `${peer} fell silent: ${error.message}`, { peer, cause: error });
}

function check(name: string, found: Uint8Array, wanted: Uint8Array | undefined): Observable<never> {
  return defer(() => {
    if (wanted === undefined || sameBytes(found, wanted)) return [];
    throw new DownloadError("CHECKSUM_MISMATCH", `${name} has SHA-256 ${toHex(found)}, expected ${toHex(wanted)}`);
  });
}
