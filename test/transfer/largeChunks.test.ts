import { lastValueFrom, tap, toArray, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { poolConfig } from "../../src/download/poolConfig.js";
import { recheck } from "../../src/download/recheck.js";
import { retryDefaults } from "../../src/download/RetryConfig.js";
import { PeerPool } from "../../src/peers/PeerPool.js";
import { crc32 } from "../../src/storage/crc32.js";
import { Suspects } from "../../src/transfer/Suspects.js";
import { manifestOf, openEnded, someBytes } from "../download/swarm.js";

const mebibyte = 1024 * 1024;
const chunkSize = 3 * mebibyte;
const file = someBytes(2 * chunkSize);
const manifest = await manifestOf(file, chunkSize);

const digestOf = (bytes: Uint8Array) => {
  const hasher = sha256();
  hasher.update(bytes);
  return hasher.digest();
};

/** A sink that holds the bytes, and what was asked of it at a time. */
function sinkOf(bytes: Uint8Array) {
  const sink = memorySink();
  const asked: number[] = [];
  sink.open(file.length).subscribe();
  sink.write(0, bytes).subscribe();
  const read = (offset: number, length: number) => sink.read(offset, length).pipe(tap(() => asked.push(length)));
  return { sink: { ...sink, read }, asked };
}

it("Chunks on disk are checked a mebibyte at a time", async () => {
  const bytes = file.slice();
  bytes[chunkSize + 2 * mebibyte] = 1 ^ (bytes[chunkSize + 2 * mebibyte] ?? 0);
  const { sink, asked } = sinkOf(bytes);
  expect(
    await lastValueFrom(
      recheck([0, 1], { manifest, sink, hash: sha256, crc32, sumOf: () => undefined }).pipe(toArray()),
    ),
  ).toEqual([0]);
  expect(Math.max(...asked)).toBe(mebibyte);
});

it("A chunk that is not there whole is not right", async () => {
  const { sink } = sinkOf(file.subarray(0, 2 * chunkSize - 1));
  expect(
    await lastValueFrom(
      recheck([0, 1], { manifest, sink, hash: sha256, crc32, sumOf: () => undefined }).pipe(toArray()),
    ),
  ).toEqual([0]);
});

it("Suspects are compared a mebibyte at a time, and nobody is blamed for bytes that our disk has lost", async () => {
  const scheduler = new VirtualTimeScheduler();
  const pool = new PeerPool({ scheduler }, poolConfig(retryDefaults, chunkSize));
  const quarantined: string[] = [];
  const peers = ["honest", "liar", "unlucky"].map((id) => scriptedPeer(id, file));
  const running = pool.run(openEnded(peers)).subscribe((event) => {
    if (event.type === "peer-quarantined") quarantined.push(event.peer);
  });
  const suspects = new Suspects();
  const [half, end] = [mebibyte + 5, chunkSize - 5];
  suspects.add([
    { peer: "honest", start: 0, end: half, digest: digestOf(file.subarray(chunkSize, chunkSize + half)) },
    { peer: "liar", start: half, end, digest: digestOf(new Uint8Array(end - half)) },
    { peer: "unlucky", start: end, end: chunkSize, digest: digestOf(new Uint8Array(5)) },
  ]);
  const { sink, asked } = sinkOf(file.subarray(0, 2 * chunkSize - 5));
  const chunk = { index: 1, offset: chunkSize, length: chunkSize };
  await lastValueFrom(suspects.convict(chunk, sink, sha256, pool), { defaultValue: undefined });
  expect(quarantined).toEqual(["liar"]);
  expect(Math.max(...asked)).toBe(mebibyte);
  running.unsubscribe();
});
