import { concat, EMPTY, NEVER, of, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { FileFacts } from "../../src/manifest/Manifest.js";
import type { ChunkSink } from "../../src/storage/ChunkSink.js";
import { manifestOf, plainOf, someBytes } from "./swarm.js";

const file = someBytes(10_000);

/** Numbers of proved chunks that a download tells, in order, and those that were wrong in the sink when it told of them. */
function proven(manifest: FileFacts, sink: ChunkSink & Pick<ReturnType<typeof memorySink>, "bytes">) {
  const counts: number[] = [];
  const wrong: number[] = [];
  const scheduler = new VirtualTimeScheduler();
  const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 100, scheduler });
  const parts = {
    manifest,
    peers: concat(of([peer]), NEVER),
    sink,
    progress: memoryProgress(),
    digest: sha256,
    scheduler,
  };
  const onProven = (chunks: { readonly count: number; has(index: number): boolean }): void => {
    counts.push(chunks.count);
    for (let index = 0; index < 10; index++) {
      const isThere = (at: number): boolean => sink.bytes()[at] === file[at];
      if (chunks.has(index) && !(isThere(index * 1000) && isThere(index * 1000 + 999))) wrong.push(index);
    }
  };
  download({ ...parts, onProven }).subscribe({ error: () => undefined });
  scheduler.flush();
  return { counts, wrong };
}

it("A download tells of chunks when they are proved and in the sink, one after the other", async () => {
  const { counts, wrong } = proven(await manifestOf(file, 1000), memorySink());
  expect(counts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(wrong).toEqual([]);
});

it("A download of a file without digests of its chunks tells of none", () => {
  expect(proven(plainOf(file, 1000), memorySink()).counts).toEqual([]);
});

it("A download takes all back when somebody else was at the bytes, until they were looked at again", async () => {
  const memory = memorySink();
  let asked = 0;
  const doubt = () => (asked++ === 3 ? of({ kind: "bytes" as const, why: "a stranger was there" }) : EMPTY);
  const { counts, wrong } = proven(await manifestOf(file, 1000), { ...memory, doubt });
  expect(counts.slice(1)).toContain(0);
  expect(counts.at(-1)).toBe(10);
  expect(wrong).toEqual([]);
});
