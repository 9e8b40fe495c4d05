import { describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { checkpointLimits, encodeCheckpoint } from "../../src/storage/encodeCheckpoint.js";
import { parseCheckpoint } from "../../src/storage/parseCheckpoint.js";

const root = "ab".repeat(32);
const cut = { root, size: 10_000, chunkSize: 1000 };
const file = { ...cut, digests: new Uint8Array(320) };
const checkpoint: Checkpoint = {
  version: 1,
  ...cut,
  name: "a.iso",
  complete: Uint8Array.of(0b11, 0b10),
  frontiers: { "2": 500, "8": 1000 },
  failed: [{ chunkIndex: 4, attemptCount: 4, lastAttempt: 1e12, lastPeer: "ws://a", lastError: "TIMEOUT" }],
  peers: {
    "ws://a": { ok: 1.5, failed: 0.25, bytesPerSecond: 1e6, roundTripMs: 3.5, failures: 2, blacklistedUntil: 1e12 },
    "ws://b": { ok: 0, failed: 0, failures: 0 },
  },
  cleanStamp: "10-20",
  resumes: 3,
  savedAt: 1e12,
};
const json = (change: object = {}): unknown => ({
  ...(JSON.parse(JSON.stringify(encodeCheckpoint(checkpoint))) as object),
  ...change,
});

describe("parseCheckpoint", () => {
  it("parseCheckpoint reads what encodeCheckpoint wrote", () => {
    expect(parseCheckpoint(json(), file)).toEqual(checkpoint);
    expect(parseCheckpoint(json())).toEqual(checkpoint);
  });

  it("parseCheckpoint reads the checkpoint of a file whose large chunks somebody allowed", () => {
    const large = { ...checkpoint, size: 2 ** 40, chunkSize: 2 ** 31, complete: new Uint8Array(64), frontiers: {} };
    expect(parseCheckpoint(JSON.parse(JSON.stringify(encodeCheckpoint(large))))).toEqual(large);
  });

  it("parseCheckpoint reads the checkpoint of a file without digests that is cut otherwise now", () => {
    expect(parseCheckpoint(json(), { ...cut, chunkSize: 5000 })).toEqual(checkpoint);
  });

  it("parseCheckpoint reads the checkpoint of an empty file", () => {
    const empty: Checkpoint = {
      ...checkpoint,
      size: 0,
      complete: new Uint8Array(0),
      frontiers: {},
      failed: [],
      peers: {},
    };
    expect(parseCheckpoint(JSON.parse(JSON.stringify(encodeCheckpoint(empty))))).toEqual(empty);
  });

  it.each([
    ["a newer version", { version: 2 }, "version 2, expected at most 1"],
    ["a newer version of a shape we do not know", { version: 7, complete: [], root: 3 }, "version 7"],
    ["another file", { root: "cd".repeat(32) }, `its root is ${"cd".repeat(32)}, expected ${root}`],
    ["another file, whatever else is wrong with it", { root: "cd".repeat(32), peers: 3 }, "another file"],
  ])("parseCheckpoint refuses the checkpoint of %s", (_, change, message) => {
    expect(() => parseCheckpoint(json(change), file)).toThrow(
      expect.objectContaining({ code: "INVALID_CHECKPOINT", message: expect.stringContaining(message) as string }),
    );
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "Invalid type"],
    ["a string", "{}", "Invalid type"],
    ["an empty object", {}, "version"],
    ["version 0", json({ version: 0 }), "version"],
    ["a root that is none", json({ root: 5 }), "root"],
    ["another size", json({ size: 10_001 }), "size is 10001, expected 10000"],
    ["another chunk size", json({ chunkSize: 1001 }), "chunkSize is 1001, expected 1000"],
    ["no chunk size", json({ chunkSize: 0 }), "chunkSize"],
    ["a bitmap that is no base64", json({ complete: "*" }), "complete: Invalid Base64"],
    ["a bitmap too short", json({ complete: "AA==" }), "1 bytes, expected 2"],
    ["bits behind the end", json({ complete: "////" }), "3 bytes, expected 2"],
    ["a frontier of no chunk", json({ frontiers: { "10": 1 } }), "chunk 10 does not exist"],
    ["a frontier behind its chunk", json({ frontiers: { "9": 1001 } }), "frontier of 1001, expected at most 1000"],
    ["a frontier of no index", json({ frontiers: { x: 1 } }), "frontiers"],
    [
      "a negative rate",
      json({ peers: { a: { ok: 1, failed: 0, failures: 0, bytesPerSecond: -1 } } }),
      "peers.a.bytesPerSecond",
    ],
    ["a peer that is no record", json({ peers: { a: 1 } }), "peers.a"],
    ["a failed chunk without an index", json({ failed: [{}] }), "failed.0.chunkIndex"],
  ])("parseCheckpoint says what is damaged in %s", (_, record, message) => {
    expect(parseCheckpoint(record, file)).toEqual({ damage: expect.stringContaining(message) as string });
  });

  it("parseCheckpoint refuses more chunks than a file may have", () => {
    expect(parseCheckpoint(json({ size: 2 ** 50 }))).toEqual({
      damage: expect.stringContaining("chunks, expected at most") as string,
    });
  });
});

it("A checkpoint of before peers had a time and reasons is still one, and a reason that is not known is UNKNOWN", () => {
  const before = { ok: 1, failed: 0, failures: 0 };
  const peers = { a: before, b: { ...before, blacklistedFor: "BAD_WEATHER" } };
  expect(parseCheckpoint(json({ peers }), file)).toMatchObject({
    peers: { a: before, b: { blacklistedFor: "UNKNOWN" } },
  });
});

it("A checkpoint of before peers that were met were kept is still one, and a way that is not known is a stranger's word", () => {
  const met = { url: "ws://192.0.2.7:7001", source: "exchange", bytes: 10 };
  expect(parseCheckpoint(json(), file)).not.toHaveProperty("met");
  expect(parseCheckpoint(json({ met: [met, { ...met, source: "dove" }] }), file)).toMatchObject({ met: [met, met] });
});

describe("encodeCheckpoint", () => {
  it("A record of the largest file, with as much as can be wrong, has less than a MiB, which is what is read", () => {
    const many = <T>(count: number, entry: (index: number) => T) =>
      Array.from({ length: count }, (_, index) => entry(index));
    const id = (index: number) => `https://mirror-${index}.example.org/${"folder/".repeat(280)}`;
    const trouble = {
      failed: many(1500, (index) => ({
        ...{ chunkIndex: index, attemptCount: 1e6, lastAttempt: 1.7e12 + index, lastPeer: id(index) },
        lastError: "RETRY_BUDGET_EXHAUSTED",
      })),
      peers: Object.fromEntries(many(1500, (index) => [id(index), { ok: Math.PI, failed: Math.PI, failures: index }])),
      frontiers: Object.fromEntries(many(10_500, (index) => [1_000_000 + index, 2 ** 32 - 1])),
    };
    const lengthOf = (more: Partial<Checkpoint>) =>
      JSON.stringify(encodeCheckpoint({ ...checkpoint, ...trouble, ...more })).length;
    // Of the most chunks that a manifest may have; and of the most that are summed.
    expect(lengthOf({ complete: new Uint8Array(2 ** 17) })).toBeLessThan(2 ** 20);
    const summed = {
      complete: new Uint8Array(2 ** 12).fill(255),
      sums: new Uint8Array(4 * 32_768).fill(255),
      frontierSums: Object.fromEntries(many(10_500, (index) => [1_000_000 + index, 2 ** 32 - 1])),
      bringers: many(255, id),
      met: many(100, (index) => ({ url: id(index), source: "exchange" as const, bytes: 2 ** 50 })),
      broughtBy: new Uint8Array(32_768).fill(255),
    };
    expect(lengthOf(summed)).toBeLessThan(2 ** 20);
    expect(encodeCheckpoint({ ...checkpoint, ...summed })).toHaveProperty("sums");
    // Of more than 2 TiB chunks are not remembered one by one.
    const huge = { ...summed, sums: new Uint8Array(4 * 32_769), complete: new Uint8Array(2 ** 12 + 1) };
    expect(encodeCheckpoint({ ...checkpoint, ...huge })).not.toHaveProperty("sums");
  });

  it("encodeCheckpoint keeps the latest failures, the peers used most, the longest frontiers and the most useful strangers", () => {
    const many = <T>(count: number, entry: (index: number) => T) =>
      Array.from({ length: count }, (_, index) => entry(index));
    const encoded = encodeCheckpoint({
      ...checkpoint,
      failed: many(1500, (index) => ({ chunkIndex: index, attemptCount: 1, lastAttempt: index })),
      peers: Object.fromEntries(many(1500, (index) => [`p${index}`, { ok: index, failed: 0, failures: 0 }])),
      frontiers: Object.fromEntries(many(10_500, (index) => [index, index])),
      met: many(100, (index) => ({ url: `ws://192.0.2.7:${index}`, source: "lan" as const, bytes: index })),
    });
    expect(encoded.failed).toHaveLength(checkpointLimits.failed.count);
    expect(encoded.failed[0]?.chunkIndex).toBe(500);
    expect(Object.keys(encoded.peers)).toHaveLength(checkpointLimits.peers.count);
    expect(encoded.peers).toHaveProperty("p1499");
    expect(encoded.peers).not.toHaveProperty("p499");
    expect(Object.keys(encoded.frontiers)).toHaveLength(checkpointLimits.frontiers.count);
    expect(encoded.frontiers).not.toHaveProperty("5499");
    expect(encoded.met).toHaveLength(checkpointLimits.met.count);
    expect(Math.min(...(encoded.met ?? []).map(({ bytes }) => bytes))).toBe(100 - checkpointLimits.met.count);
  });
});
