import {
  asyncScheduler,
  concat,
  defer,
  endWith,
  finalize,
  map,
  type Observable,
  of,
  tap,
  throttleTime,
  throwError,
  timeout,
} from "rxjs";
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
import type { Hold } from "./Hold.js";

const tellEveryMs = 250;

/**
 * Fetches a file of which no mirror tells the size: one request for the whole, from the start again after each failure, because nobody could
 * say where to go on. The events of a download, but that it has started is told at the end, when its size is known. Unsubscribing stops and
 * leaves nothing. Errors with what the mirror said last, `CHECKSUM_MISMATCH` or `LOCAL_IO`.
 */
export function fetchUnsized(
  path: string,
  { name, sha256: wanted }: Pick<FileFacts, "name" | "sha256">,
  mirror: HttpPeer,
  { retry, hold }: { readonly retry: RetryConfig; readonly hold: Hold },
): Observable<DownloadEvent> {
  return defer(() => {
    const now = (): number => asyncScheduler.now();
    const startedAt = now();
    let received = 0;
    let size = 0;
    let retries = -1;

    const whole = (): Observable<Uint8Array> => {
      retries++;
      size = 0;
      let waiting = 0;
      const hash = newHash();
      const stream = mirror.whole().pipe(
        timeout({ each: retry.chunkTimeoutSecs * 1000, with: () => throwError(() => silent(mirror.id)) }),
        tap((bytes) => {
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
      return streamToFile(path, stream, () => check(name, hash.digest(), wanted)).pipe(
        tap(({ length }) => stored(length)),
        finalize(() => stored(waiting)),
        endWith(new Uint8Array()), // an attempt that brings nothing has failed, and the file may be empty
      );
    };

    const text = `${mirror.id} does not tell how long its file is: it is fetched in one request, and could not be continued`;
    const told = (): DownloadEvent => {
      const bytesPerSecond = Math.round((received * 1000) / Math.max(1, now() - startedAt));
      return { type: "progress", at: now(), verified: 0, received, bytesPerSecond, retries };
    };
    const done = (): readonly DownloadEvent[] => {
      const facts = plainFile({ name, size, ...(wanted && { sha256: wanted }) }, newHash);
      return startedAndDone(facts, now(), {
        received,
        bytesByPeer: { [mirror.id]: received },
        waste: received > size ? { restart: received - size } : {},
        retries: retries > 0 ? { UNKNOWN: retries } : {},
        elapsedMs: now() - startedAt,
      });
    };
    return concat(
      of<DownloadEvent>({ type: "notice", at: now(), message: text }),
      // A file of any size takes any time, as long as it flows.
      askMirror(mirror, whole, retry, { limitMs: Infinity, deadlineMs: Infinity }).pipe(
        throttleTime(tellEveryMs),
        map(told),
      ),
      defer(done),
    );
  });
}

function silent(peer: string): DownloadError {
  return new DownloadError("STALLED", `${peer} fell silent`, { peer });
}

function check(name: string, found: Uint8Array, wanted: Uint8Array | undefined): Observable<never> {
  return defer(() => {
    if (wanted === undefined || sameBytes(found, wanted)) return [];
    throw new DownloadError("CHECKSUM_MISMATCH", `${name} has SHA-256 ${toHex(found)}, expected ${toHex(wanted)}`);
  });
}
