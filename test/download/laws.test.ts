import fc from "fast-check";
import { concat, defer, map, NEVER, of, tap, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { initialState } from "../../src/download/DownloadState.js";
import { reduce } from "../../src/download/reduce.js";
import type { Peer } from "../../src/peers/Peer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const file = someBytes(6500);
const manifest = await manifestOf(file, 1000);

const fault = fc.constantFrom(
  ...(["TIMEOUT", "CONNECTION_LOST", "PEER_BUSY", "RATE_LIMITED", "FILE_NOT_FOUND", "CHUNK_NOT_AVAILABLE"] as const),
  ...(["INVALID_CHUNK", "AUTH_FAILED", "PEER_REJECTED", "RESOURCE_CHANGED", "UNKNOWN", "LOCAL_IO"] as const),
);

const script = fc.record<PeerScript>(
  {
    roundTripMs: fc.constantFrom(0, 10, 3000),
    bytesPerSecond: fc.constantFrom(50, 1000, 100_000),
    pieceBytes: fc.constantFrom(64, 1000),
    failAfterBytes: fc.nat(1500),
    diesAfterBytes: fc.nat(5000),
    failWith: fault,
    refuseWith: fault,
    corruptAt: fc.nat(6499),
    hang: fc.constantFrom(false, true),
    has: fc.nat(6).map((lacks) => (chunk: number) => chunk !== lacks),
  },
  { requiredKeys: [] },
);

const peer = fc.oneof(
  { weight: 2, arbitrary: script },
  {
    weight: 1,
    arbitrary: fc.record<PeerScript>({ roundTripMs: fc.nat(50), bytesPerSecond: fc.constantFrom(500, 50_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record<PeerScript>({ corruptAt: fc.nat(6499), failAfterBytes: fc.integer({ min: 900 }) }),
  },
);

const config = fc.record(
  {
    parallelRetries: fc.boolean(),
    failFast: fc.constantFrom(false, false, true),
    strictPermanent: fc.constantFrom(false, false, true),
    pauseAtMs: fc.constantFrom(undefined, undefined, undefined, 500, 5000),
    retry: fc.record(
      {
        maxChunkRetries: fc.nat(5),
        samePeerRetries: fc.nat(3),
        maxConcurrentChunks: fc.integer({ min: 1, max: 5 }),
        maxTotalRetries: fc.nat(30),
        peerFailureThreshold: fc.integer({ min: 1, max: 4 }),
        peerBlacklistDurationSecs: fc.constantFrom(0, 1, 300),
        chunkTimeoutSecs: fc.constantFrom(1, 60),
        chunkDeadlineSecs: fc.constantFrom(1, 20, 300),
        peerWaitSecs: fc.constantFrom(0, 100),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["retry", "pauseAtMs"] },
);

const isEnd = ({ type }: DownloadEvent): boolean =>
  type === "download-completed" || type === "download-paused" || type === "download-failed";

describe("whatever the peers do, a download", () => {
  it("A download ends once, asks nobody it must not ask, keeps its limits, and never loses a verified byte, whatever the peers do", () => {
    fc.assert(
      fc.property(
        fc.array(peer, { minLength: 0, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(15_000), fc.nat(15)), { maxLength: 3 }),
        config,
        fc.boolean(),
        (scripts, moves, { pauseAtMs, ...options }, endless) => {
          const scheduler = new VirtualTimeScheduler();
          let open = 0;
          let mostOpen = 0;
          const close = (): void => {
            open--;
          };
          const counted = (peer: Peer): Peer => ({
            ...peer,
            request: (range) =>
              defer(() => {
                mostOpen = Math.max(mostOpen, ++open);
                return peer.request(range).pipe(tap({ complete: close, error: close, unsubscribe: close }));
              }),
          });
          const peers = scripts.map((each, i) => counted(scriptedPeer(`P${i}`, file, { ...each, scheduler })));
          const changes = moves.map(([ms, mask]) =>
            timer(ms, scheduler).pipe(map(() => peers.filter((_, i) => (mask >> i) & 1))),
          );
          const source = concat(of(peers), ...changes, endless ? NEVER : of(peers));
          const pauseWhen = pauseAtMs === undefined ? {} : { pauseWhen: timer(pauseAtMs, scheduler) };
          const told = play(() => source, { manifest, config: { ...options, ...pauseWhen }, scheduler }, 100_000_000);

          const ends = told.events.filter(isEnd);
          expect(ends).toHaveLength(1);
          expect(told.events.at(-1)).toBe(ends[0]);
          expect(ends[0]?.type === "download-failed").toBe(told.error !== undefined);
          expect(told.completed).toBe(told.error === undefined);
          expect(scheduler.actions).toEqual([]);
          if (ends[0]?.type === "download-completed") expect(sameBytes(told.bytes, file)).toBe(true);

          const { maxChunkRetries = 3, maxTotalRetries = 24, maxConcurrentChunks = 8 } = options.retry;
          expect(told.of("retry-scheduled").every(({ retry }) => retry <= maxChunkRetries)).toBe(true);
          expect(mostOpen).toBeLessThanOrEqual(maxConcurrentChunks);
          expect(open).toBe(0);
          const out = new Set<string>();
          const verified = new Set<number>();
          let state = initialState;
          for (const event of told.events) {
            if (event.type === "peer-quarantined" || event.type === "peer-excluded") out.add(event.peer);
            if (event.type === "attempt-started") expect(out.has(event.peer)).toBe(false);
            if (event.type === "chunk-verified") {
              expect(verified.has(event.chunk)).toBe(false);
              verified.add(event.chunk);
            }
            const next = reduce(state, event);
            expect(next.verified).toBeGreaterThanOrEqual(state.verified);
            expect(next.verified).toBeLessThanOrEqual(file.length);
            state = next;
          }
          const { account } = ends[0] as Extract<DownloadEvent, { type: "download-failed" }>;
          expect(account.verified).toBe(state.verified);
          expect(account.received).toBe(Object.values(account.bytesByPeer).reduce((sum, bytes) => sum + bytes, 0));
          const retried = Object.values(account.retries).reduce((sum, count) => sum + count, 0);
          expect(retried).toBeLessThanOrEqual(maxTotalRetries === 0 ? 0 : maxTotalRetries + 4 * maxConcurrentChunks);
          expect(account.received).toBeGreaterThanOrEqual(account.verified - account.resumed);
        },
      ),
      {
        numRuns: 600,
        examples: [
          [
            [{ refuseWith: "TIMEOUT" }, { refuseWith: "TIMEOUT" }],
            [],
            { pauseAtMs: undefined, retry: { maxConcurrentChunks: 1, maxTotalRetries: 0 } },
            false,
          ],
        ],
      },
    );
  });
});
