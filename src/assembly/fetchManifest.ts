import { asyncScheduler, catchError, defer, filter, take, tap, throwError, type Observable } from "rxjs";
import type { RetryEvent, RetryVerdict } from "../../operators/RetryEvent.js";
import type { AttemptContext } from "../../operators/attempt.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { Classified } from "../../operators/RetryWithPeerSwitchConfig.js";
import { selectPeer } from "../../operators/selectPeer.js";
import { calculateBackoffDelay } from "../download/calculateBackoffDelay.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import { busyWaitMs } from "../errors/busyWaitMs.js";
import { DownloadError } from "../errors/DownloadError.js";
import { isBusy } from "../errors/isBusy.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Manifest } from "../manifest/Manifest.js";
import { askForManifest, type ManifestPeer } from "./askForManifest.js";

export interface FetchManifestConfig {
  readonly sha256: Sha256;
  readonly retry: RetryConfig;
  /** Told of every failure, as one line. */
  readonly onTrouble: (text: string) => void;
}

/** What a busy peer was given. */
interface Rest {
  /** Busy answers in a row. */
  readonly answers: number;
  untilMs: number;
}

/**
 * Asks the peers for the manifest of their file. All can answer alike, so the next one is asked at once after a failure, and beside
 * one that is silent for two seconds; only when everybody has failed is there a wait, and a retry counted, before all are asked again. Busy peers are asked
 * when they wish, no sooner than `busyWaitMs` says, and cost no retry. What it emits was checked against the root of the link.
 *
 * Errors with what the last peer said, or `FILE_NOT_FOUND_ANYWHERE`, `RETRIES_EXHAUSTED`, `CHUNK_DEADLINE`, `NO_PEERS`.
 */
export function fetchManifest(
  peers: Observable<readonly ManifestPeer[]>,
  { sha256, retry, onTrouble }: FetchManifestConfig,
): Observable<Manifest> {
  return defer(() => {
    const asked = new Set<ManifestPeer>();
    const refused = new Set<ManifestPeer>();
    const rests = new Map<ManifestPeer, Rest>();
    const told = new Set<unknown>();
    let known: readonly ManifestPeer[] = [];
    const isResting = (peer: ManifestPeer) => (rests.get(peer)?.untilMs ?? 0) > asyncScheduler.now();
    const isOut = (peer: ManifestPeer) => refused.has(peer) || isResting(peer);
    const isUnasked = (peer: ManifestPeer) => !asked.has(peer) && !isOut(peer);

    const rest = (peer: ManifestPeer, error: DownloadError): void => {
      const answers = (rests.get(peer)?.answers ?? 0) + 1;
      if (isBusy(error)) rests.set(peer, { answers, untilMs: asyncScheduler.now() + busyWaitMs(answers, error) });
      else rests.delete(peer);
    };
    /** How long until the first of those that rest may be asked; it may be then, however timers are rounded. */
    const firstRestEnds = (): number => {
      const resting = known.filter((peer) => !refused.has(peer)).flatMap((peer) => rests.get(peer) ?? []);
      const untilMs = Math.min(...resting.map((each) => each.untilMs));
      for (const each of resting) if (each.untilMs === untilMs) each.untilMs = 0;
      return untilMs - asyncScheduler.now();
    };

    const ask = askForManifest(sha256, {
      next: () => known.find(isUnasked),
      asked: (peer) => asked.add(peer),
      failed: (peer, error) => {
        if (verdicts[error.code].verdict === "switch") refused.add(peer);
        rest(peer, error);
        told.add(error);
        onTrouble(`No manifest: ${error.message}`);
      },
    });
    const classify = (thrown: unknown, { retry: retries }: AttemptContext<ManifestPeer>): RetryVerdict | Classified => {
      const { verdict } = verdicts[toDownloadError(thrown).code];
      if (verdict === "fail") return verdict;
      if (known.some(isUnasked)) return verdict === "switch" ? verdict : "continue";
      asked.clear();
      // Those that failed otherwise are asked again as long as there are retries; then the busy ones are waited for.
      const isAnybodyUp = known.some((peer) => !isOut(peer));
      if (isAnybodyUp && (verdict === "switch" || retries < retry.maxChunkRetries)) return verdict;
      if (!known.some(isResting)) return verdict;
      return { verdict: verdict === "switch" ? verdict : "continue", notBeforeMs: firstRestEnds() };
    };
    return peers.pipe(
      tap((now) => (known = now)),
      retryWithPeerSwitch(ask, {
        maxRetries: retry.maxChunkRetries,
        backoff: (n) => calculateBackoffDelay(n, retry),
        attemptTimeoutMs: retry.chunkTimeoutSecs * 1000,
        deadlineMs: retry.chunkDeadlineSecs * 1000,
        classify,
        select: (candidates, selection) =>
          [...candidates].find(isUnasked) ?? selectPeer(candidates, { ...selection, never: { has: isOut } }),
        onEvent: (event) => {
          const text = event.type === "failed" && told.has(event.error) ? undefined : describeTrouble(event);
          if (text !== undefined) onTrouble(text);
        },
      }),
    );
  }).pipe(
    filter((part) => part !== undefined),
    take(1),
    catchError((error: unknown) => throwError(() => noManifest(error))),
  );
}

function describeTrouble(event: RetryEvent<ManifestPeer>): string | undefined {
  if (event.type === "failed") return `No manifest: ${toDownloadError(event.error).message}`;
  if (event.type === "hedge") return `No manifest from ${event.primary.id} yet: ${event.backup.id} is asked, too`;
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
