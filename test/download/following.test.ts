import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { type PeerScript, scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { copyInto } from "../../src/peers/copyInto.js";
import type { Peer } from "../../src/peers/Peer.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { manifestOf, play, someBytes, type Stage } from "./swarm.js";

const file = someBytes(10_000);
const manifest = await manifestOf(file, 1000);

/** Each request, and the bytes behind it that the peer may ask for, too. */
type Asked = readonly [chunk: number, following: number | undefined];

function run(scripts: Readonly<Record<string, PeerScript>>, more: Partial<Stage> = {}) {
  const asked: Asked[] = [];
  const told = play(
    (scheduler) =>
      Object.entries(scripts).map(([id, script]): Peer => {
        const inner = scriptedPeer(id, file, { scheduler, ...script });
        return {
          id,
          ranges: true,
          request: (range) => inner.request(range),
          read: (range, receiver) => {
            asked.push([range.chunk, receiver.following?.()]);
            return copyInto(receiver, inner.request(range));
          },
        };
      }),
    { manifest, ...more },
  );
  expect(told.completed).toBe(true);
  return asked;
}

describe("The bytes that a peer may ask for behind a chunk", () => {
  it("The bytes that an only peer may ask for behind a chunk are all that is missing", () => {
    const asked = run({ A: { bytesPerSecond: 1000 } }, { config: { retry: { maxConcurrentChunks: 1 } } });
    expect(asked).toEqual(Array.from({ length: 10 }, (_, chunk) => [chunk, 1000 * (9 - chunk)]));
  });

  it("The bytes that a peer may ask for behind a chunk end where another one was begun", () => {
    const asked = run(
      { A: { bytesPerSecond: 1000, pieceBytes: 100 }, silent: { hang: true } },
      { config: { retry: { maxConcurrentChunks: 2 } } },
    );
    const begun = new Set<number>();
    for (const [chunk, following = -1] of asked) {
      begun.add(chunk);
      const offered = Array.from({ length: following / 1000 }, (_, n) => chunk + 1 + n);
      expect(offered.filter((each) => begun.has(each))).toEqual([]);
    }
    const [kept, following] = asked.at(-1) ?? [];
    expect([asked.filter(([chunk]) => chunk === kept).length > 1, following]).toEqual([true, 0]);
  });

  it("The bytes that a peer may ask for behind a chunk end where something is here", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    sink.open(10_000).subscribe();
    for (const [from, end] of [
      [3000, 4000],
      [6000, 6500],
    ] as const) {
      sink.write(from, file.subarray(from, end)).subscribe();
    }
    let cleanStamp = "";
    sink.sync().subscribe((stamp) => (cleanStamp = stamp));
    sink.close().subscribe();
    const record: Checkpoint = {
      ...{ version: 1, root: manifest.root, name: manifest.name, size: manifest.size, chunkSize: 1000, cleanStamp },
      ...{ complete: Uint8Array.of(1 << 3, 0), frontiers: { 6: 500 }, failed: [], peers: {}, resumes: 0, savedAt: 0 },
    };
    progress.save(record).subscribe();
    const config = { retry: { maxConcurrentChunks: 1 } };
    const asked = run({ A: { bytesPerSecond: 1000 } }, { sink, progress, config });
    expect(asked.slice(0, 7)).toEqual([
      [0, 2000],
      [1, 1000],
      [2, 0],
      [4, 1000],
      [5, 0],
      [6, 3000],
      [7, 2000],
    ]);
  });
});
