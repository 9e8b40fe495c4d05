import { defer, of, timer, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import type { Doubt } from "../../src/storage/ChunkSink.js";
import { manifestOf, plainOf, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const digests = await manifestOf(file, 1000);
const plain = plainOf(file, 1000);

/** A download that is paused at 5 s, just after its sink has begun to doubt its bytes. */
function pausedInDoubt(kind: Doubt["kind"], manifest: typeof plain) {
  const scheduler = new VirtualTimeScheduler();
  const progress = memoryProgress();
  const why = "somebody else was at file.part";
  const doubt = () => defer(() => of(scheduler.now() > 5000 ? { kind, why } : undefined));
  const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 100, scheduler });
  const config = { pauseWhen: timer(5050, scheduler), retry: { maxConcurrentChunks: 1 } };
  const told = play(() => [peer], { manifest, sink: { ...memorySink(), doubt }, progress, config, scheduler });
  expect(told.of("notice").map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
  expect(told.of("download-paused")).toHaveLength(1);
  return { paused: told.of("download-paused")[0], saved: progress.saved() };
}

it("A record of bytes that somebody else was at claims what digests can tell, and is not called a clean end", () => {
  const { saved } = pausedInDoubt("bytes", digests);
  expect(saved).not.toHaveProperty("cleanStamp");
  expect(saved?.complete).toEqual(Uint8Array.of(0b11111, 0));
});

it("A record of bytes that somebody else was at claims what sums can tell where there are no digests", () => {
  const { saved, paused } = pausedInDoubt("bytes", plain);
  expect(saved).not.toHaveProperty("cleanStamp");
  expect(saved?.complete).toEqual(Uint8Array.of(0b11111, 0));
  expect(paused?.account.done).toBe(5000);
});

it("A record of a place that is somebody else's by now is removed", () => {
  expect(pausedInDoubt("lost", digests).saved).toBeUndefined();
});
