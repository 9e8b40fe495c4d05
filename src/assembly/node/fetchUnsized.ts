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
import { stallGuard, StalledError } from "../../../operators/stallGuard.js";
import type { HttpPeer } from "../../adapters/http/HttpPeer.js";
import { sha256 as newHash } from "../../adapters/node/sha256.js";
import { streamToFile } from "../../adapters/node/streamToFile.js";
import type { DownloadEvent } from "../../download/DownloadEvent.js";
import { formatDuration } from "../../download/formatDuration.js";
import type { RetryConfig } from "../../download/RetryConfig.js";
import { DownloadError } from "../../errors/DownloadError.js";
import { verdicts } from "../../errors/verdicts.js";
import { toHex } from "../../manifest/hex.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { plainFile } from "../../manifest/plainFile.js";
import { sameBytes } from "../../transfer/verifyChunk.js";
import { startedAndDone } from "../beforeStart.js";
import { askMirror } from "../mirrors/askMirror.js";
import type { HeldLock } from "./HeldLock.js";
import type { Hold } from "./Hold.js";

const tellEveryMs = 250;

export interface UnsizedConfig {
  readonly retry: RetryConfig;
  readonly hold: Pick<Hold, "came" | "stored" | "held">;
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
    const now = (): number => asyncScheduler.now();
    const startedAt = now();
    const free = lock.use();
    let leaving: Promise<unknown> = Promise.resolve();
    const troubles = new Subject<DownloadEvent>();
    let received = 0;
    let size = 0;
    let begun = false;
    const retries: Record<string, number> = {};
    const waits = { busy: 0 };

    const flowing = stallGuard<HttpPeer>({
      firstByteMs: retry.chunkTimeoutSecs * 1000,
      idleMs: retry.chunkTimeoutSecs * 1000,
      held: hold.held,
    })(() => mirror.whole());
    const whole: AttemptFn<HttpPeer, Uint8Array> = (peer, context) => {
      size = 0;
      begun = false;
      let waiting = 0;
      const hash = newHash();
      const stream = from(flowing(peer, context)).pipe(
        catchError((error: unknown) =>
          throwError(() => (error instanceof StalledError ? silent(peer.id, error) : error)),
        ),
        tap((bytes) => {
          begun = true;
          size += bytes.length;
          received += bytes.length;
          waiting += bytes.length;
          hold.came(bytes.length);
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
    const onAgain = ({ code, message }: DownloadError, waitMs: number): void => {
      if (verdicts[code].blame === "busy") {
        waits.busy++;
        troubles.next({ type: "peer-busy", at: now(), peer: mirror.id, code, untilMs: now() + waitMs });
        return;
      }
      retries[code] = (retries[code] ?? 0) + 1;
      const what = begun ? "is fetched from its start again" : "is asked again";
      troubles.next({
        type: "notice",
        at: now(),
        message: `${message} (${code}); it ${what} in ${formatDuration(waitMs)}`,
      });
    };

    const text = `${mirror.id} does not tell how long its file is: it is fetched in one request, and could not be continued`;
    const told = (): DownloadEvent => {
      const bytesPerSecond = Math.round((received * 1000) / Math.max(1, now() - startedAt));
      return { type: "progress", at: now(), verified: 0, received, bytesPerSecond, retries: sumOf(retries) };
    };
    const done = (): readonly DownloadEvent[] => {
      const facts = plainFile({ name, size, ...(wanted && { sha256: wanted }) }, newHash);
      return startedAndDone(facts, now(), {
        received,
        bytesByPeer: { [mirror.id]: received },
        waste: received > size ? { restart: received - size } : {},
        retries,
        waits: waits.busy > 0 ? waits : {},
        elapsedMs: now() - startedAt,
      });
    };
    const fetching = askMirror(mirror, whole, { retry, onAgain }, Infinity).pipe(
      throttleTime(tellEveryMs),
      map(told),
      finalize(() => troubles.complete()),
    );
    return concat(
      of<DownloadEvent>({ type: "notice", at: now(), message: text }),
      merge(troubles, fetching),
      defer(done),
    ).pipe(finalize(() => void leaving.then(free)));
  });
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function silent(peer: string, cause: StalledError): DownloadError {
  return new DownloadError("STALLED", `${peer} fell silent: ${cause.message}`, { peer, cause });
}

function check(name: string, found: Uint8Array, wanted: Uint8Array | undefined): Observable<never> {
  return defer(() => {
    if (wanted === undefined || sameBytes(found, wanted)) return [];
    throw new DownloadError("CHECKSUM_MISMATCH", `${name} has SHA-256 ${toHex(found)}, expected ${toHex(wanted)}`);
  });
}
