import type { Observable, SchedulerLike } from "rxjs";
import { defer, from, ignoreElements, mergeMap, retry, tap, timeout, timer } from "rxjs";
import { chunkAt, chunkCount, digestOf } from "../../src/manifest/chunks.js";
import type { Peer } from "../../src/peers/Peer.js";
import { samplingDigest } from "../../src/testing/samplingDigest.js";
import type { SwarmScript } from "../../src/testing/stageSwarm.js";
import { stageSwarm } from "../../src/testing/stageSwarm.js";
import type { SyntheticFile } from "../../src/testing/syntheticFile.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";

/** What a good engineer writes with rxjs alone: so many chunks at once, peers in turn, a timeout, checked, retried after 1, 2, 4, 8 s. */
export function roundRobin(
  peers: readonly Peer[],
  { manifest }: SyntheticFile,
  slots: number,
  scheduler: SchedulerLike,
): Observable<never> {
  let turn = 0;
  const indices = Array.from({ length: chunkCount(manifest) }, (_, index) => index);
  return from(indices).pipe(
    mergeMap((index) => {
      const { offset: position, length } = chunkAt(manifest, index);
      const chunk = { chunk: index, offset: 0, length, position };
      return defer(() => {
        const hasher = samplingDigest();
        const peer = peers[turn++ % peers.length] as Peer;
        return peer.request(chunk).pipe(
          timeout({ each: 60_000, scheduler }),
          tap({
            next: (bytes) => hasher.update(bytes),
            complete: () => {
              if (!sameBytes(hasher.digest(), digestOf(manifest, index))) throw new Error(`chunk ${index} is wrong`);
            },
          }),
        );
      }).pipe(retry({ count: 20, delay: (_, count) => timer(Math.min(8000, 1000 * 2 ** (count - 1)), scheduler) }));
    }, slots),
    ignoreElements(),
  );
}

/** Runs it in virtual time: how long it takes, `Infinity` when it gives up, and the bytes that came. */
export function simulateRoundRobin(
  script: SwarmScript,
  slots: number,
): { readonly makespanMs: number; readonly servedBytes: number } {
  const { scheduler, file, peers } = stageSwarm(script);
  let makespanMs = Infinity;
  roundRobin(peers, file, slots, scheduler).subscribe({
    complete: () => (makespanMs = scheduler.now()),
    error: () => undefined, // it gave up
  });
  scheduler.run();
  return { makespanMs, servedBytes: peers.reduce((sum, { served }) => sum + served, 0) };
}
