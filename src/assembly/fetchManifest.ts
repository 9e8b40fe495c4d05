import { catchError, map, take, throwError, type Observable, type OperatorFunction, type SchedulerLike } from "rxjs";
import type { RetryEvent } from "../../operators/RetryEvent.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { WebSocketPeer } from "../adapters/websocket/WebSocketPeer.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Manifest } from "../manifest/Manifest.js";

export interface FetchManifestConfig {
  readonly sha256: Sha256;
  readonly retry: RetryConfig;
  /** Told of every failure, as one line. */
  readonly onTrouble: (text: string) => void;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
}

/**
 * Asks the peers for the manifest of their file, one after the other, as patiently as for a chunk. What it emits was checked
 * against the root of the link.
 *
 * Errors with what the last peer said, or `FILE_NOT_FOUND_ANYWHERE`, `RETRIES_EXHAUSTED`, `CHUNK_DEADLINE`, `NO_PEERS`.
 */
export function fetchManifest({
  sha256,
  retry,
  onTrouble,
  scheduler,
}: FetchManifestConfig): OperatorFunction<readonly WebSocketPeer[], Manifest> {
  return (peers: Observable<readonly WebSocketPeer[]>) =>
    peers.pipe(
      retryWithPeerSwitch((peer: WebSocketPeer) => peer.manifest(sha256), {
        maxRetries: retry.maxChunkRetries,
        samePeerRetries: retry.samePeerRetries,
        backoff: (n) => Math.min(retry.initialBackoffMs * retry.backoffMultiplier ** (n - 1), retry.maxBackoffMs),
        attemptTimeoutMs: retry.chunkTimeoutSecs * 1000,
        deadlineMs: retry.chunkDeadlineSecs * 1000,
        classify: (error) => {
          const { code, retryAfterMs } = toDownloadError(error);
          const { verdict } = verdicts[code];
          return retryAfterMs === undefined ? verdict : { verdict, notBeforeMs: retryAfterMs };
        },
        onEvent: (event) => {
          const text = describeTrouble(event);
          if (text !== undefined) onTrouble(text);
        },
        ...(scheduler && { scheduler }),
      }),
      take(1),
      map((manifest) => manifest),
      catchError((error: unknown) => throwError(() => noManifest(error))),
    );
}

function describeTrouble(event: RetryEvent<WebSocketPeer>): string | undefined {
  if (event.type === "failed") return `No manifest: ${toDownloadError(event.error).message}`;
  if (event.type === "retry") return `Asking again for the manifest (attempt ${event.retry}/${event.maxRetries})`;
  return undefined;
}

function noManifest(thrown: unknown): DownloadError {
  if (!(thrown instanceof RetryGaveUpError)) return toDownloadError(thrown);
  const last = thrown.cause === undefined ? undefined : toDownloadError(thrown.cause);
  const why = last === undefined ? "no peer could be asked" : last.message;
  const code =
    thrown.reason === "exhausted"
      ? "RETRIES_EXHAUSTED"
      : thrown.reason === "deadline"
        ? "CHUNK_DEADLINE"
        : last === undefined
          ? "NO_PEERS"
          : last.code === "FILE_NOT_FOUND"
            ? "FILE_NOT_FOUND_ANYWHERE"
            : last.code;
  return new DownloadError(code, `the manifest could not be had: ${why}`, { cause: last });
}
