import fc from "fast-check";
import { EMPTY, NEVER, of, Subject, throwError, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { hasBit } from "../../src/protocol/chunkBits.js";
import type { Data } from "../../src/protocol/messages.js";
import type { ByteSource } from "../../src/seeder/ByteSource.js";
import { noncesOf } from "../../src/seeder/noncesOf.js";
import { createSeeder } from "../../src/seeder/createSeeder.js";
import { clientOf, MemoryConnection, seederWith } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const mib = 1024 * 1024;
const file = await memoryFile(3 * mib + 5, mib);
const root = file.manifest.root;

function fresh() {
  return memoryFile(3 * mib + 5, mib);
}

function lookup(...sources: ByteSource[]): Map<string, ByteSource> {
  return new Map(sources.map((source) => [source.manifest.root, source]));
}

function joined(frames: readonly Data[]): Buffer {
  return Buffer.concat(frames.map(({ bytes }) => bytes));
}

describe("a seeder", () => {
  it("A seeder says hello first, with its limits and the extensions that it knows", () => {
    const { connection } = seederWith(lookup(), { maxRequests: 5, maxFrameBytes: 2048, random: () => 0.7 }, false);
    const limits = { frameBytes: 2048, requests: 5 };
    const nonce = "b".repeat(16);
    expect(connection.sent).toEqual([{ type: "hello", version: 1, limits, features: ["peers", "rtc"], nonce }]);
  });

  it("A seeder draws a nonce for each connection, which is known to those who share its files while that stands", () => {
    const sources = lookup(file.source);
    const seeder = createSeeder(sources);
    const [one, other] = [clientOf(seeder), clientOf(seeder)];
    const nonces = [one, other].map(({ connection }) => connection.of("hello")[0]?.nonce ?? "");
    expect(noncesOf(sources)).toEqual(new Set(nonces));
    expect(nonces[0]).not.toBe(nonces[1]);
    one.connection.frames.complete();
    other.subscription.unsubscribe();
    expect(noncesOf(sources).size).toBe(0);
  });

  it("A seeder answers a chunk request with have, contiguous data of at most 256 KiB, and end", () => {
    const { connection, events } = seederWith(lookup(file.source));
    connection.say({ type: "get-chunk", id: 7, root, index: 1, offset: 100, length: mib - 100 });
    expect(connection.sent.map(({ type }) => type)).toEqual(["hello", "have", "data", "data", "data", "data", "end"]);
    const data = connection.of("data");
    expect(data.map(({ offset }) => offset)).toEqual([100, 100 + 262_144, 100 + 2 * 262_144, 100 + 3 * 262_144]);
    expect(joined(data).equals(file.bytes.subarray(mib + 100, 2 * mib))).toBe(true);
    expect(events).toContainEqual({
      type: "chunk-served",
      peer: "memory",
      root,
      index: 1,
      bytes: mib - 100,
      whole: true,
    });
  });

  it("A seeder cuts data to the frames that the client takes", () => {
    const { connection } = seederWith(lookup(file.source), {}, false);
    connection.hello(2048);
    connection.say({ type: "get-chunk", id: 1, root, index: 3, offset: 0, length: 5 });
    connection.say({ type: "get-chunk", id: 2, root, index: 0, offset: 0, length: 4000 });
    expect(Math.max(...connection.of("data").map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(2048 - 512);
    expect(joined(connection.of("data").filter(({ id }) => id === 2)).equals(file.bytes.subarray(0, 4000))).toBe(true);
  });

  it("A seeder cuts data as the request says, but never larger than it would be", () => {
    const { connection } = seederWith(lookup(file.source));
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 5000, dataBytes: 2000 });
    connection.say({ type: "get-chunk", id: 2, root, index: 0, offset: 0, length: mib, dataBytes: mib });
    const lengths = (id: number) => connection.of("data").flatMap((data) => (data.id === id ? data.bytes.length : []));
    expect(lengths(1)).toEqual([2000, 2000, 1000]);
    expect(lengths(2)).toEqual([262_144, 262_144, 262_144, 262_144]);
  });

  it("A seeder answers a manifest request in slices", async () => {
    const small = await memoryFile(10_000, 1);
    const { connection } = seederWith(lookup(small.source));
    for (const from of [0, 4096, 8192]) {
      connection.say({ type: "get-manifest", id: from, root: small.manifest.root, from });
    }
    const slices = connection.of("manifest");
    expect(slices.map(({ from, total, digests }) => [from, total, digests.length])).toEqual([
      [0, 10_000, 4096 * 32],
      [4096, 10_000, 4096 * 32],
      [8192, 10_000, 1808 * 32],
    ]);
    expect(Buffer.concat(slices.map(({ digests }) => digests)).equals(small.manifest.digests)).toBe(true);
    expect(slices[0]).toMatchObject({ size: 10_000, chunkSize: 1, name: "file.bin", root: small.manifest.root });
  });

  it("A seeder gives fewer digests to a client with small frames, and always one slice of an empty file", async () => {
    const [small, empty] = await Promise.all([memoryFile(100, 1), memoryFile(0)]);
    const { connection } = seederWith(lookup(small.source, empty.source), {}, false);
    connection.hello(1024);
    connection.say({ type: "get-manifest", id: 1, root: small.manifest.root, from: 10 });
    connection.say({ type: "get-manifest", id: 2, root: empty.manifest.root, from: 0 });
    const [part, nothing] = connection.of("manifest");
    expect(part?.digests.length).toBe(15 * 32);
    expect(nothing).toMatchObject({ size: 0, total: 0, from: 0 });
    expect(nothing?.digests.length).toBe(0);
  });

  it("A seeder sends a frame of each request in turn", () => {
    const { connection } = seederWith(lookup(file.source));
    connection.allow(0);
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: mib });
    connection.say({ type: "get-chunk", id: 2, root, index: 1, offset: 0, length: mib });
    connection.say({ type: "get-chunk", id: 3, root, index: 3, offset: 0, length: 5 });
    connection.allow(Infinity);
    expect(connection.sent.slice(2).map((message) => ("id" in message ? message.id : undefined))).toEqual([
      1, 2, 3, 1, 2, 3, 1, 2, 1, 2, 1, 2,
    ]);
  });

  it("A seeder lets a request whose reads hang delay nobody", async () => {
    const [slow, quick] = await Promise.all([fresh(), memoryFile(1000)]);
    slow.source.hold();
    const { connection } = seederWith(lookup(slow.source, quick.source));
    connection.say({ type: "get-chunk", id: 1, root: slow.manifest.root, index: 0, offset: 0, length: mib });
    connection.say({ type: "get-chunk", id: 2, root: quick.manifest.root, index: 0, offset: 0, length: 1000 });
    expect(connection.of("end")).toEqual([{ type: "end", id: 2 }]);
    slow.source.release();
    expect(connection.of("end")).toEqual([
      { type: "end", id: 2 },
      { type: "end", id: 1 },
    ]);
  });

  it("A seeder reads no further ahead than its limit when the client does not read", async () => {
    const { source, manifest } = await memoryFile(16 * mib, mib);
    const { connection } = seederWith(lookup(source), { readAheadBytes: mib });
    connection.allow(0);
    for (let id = 0; id < 16; id += 1) {
      connection.say({ type: "get-chunk", id, root: manifest.root, index: id, offset: 0, length: mib });
    }
    expect(source.bytesRead).toBe(mib);
    for (let frames = 0; frames < 20; frames += 1) {
      connection.allow(1);
      const taken = connection.of("data").reduce((sum, { bytes }) => sum + bytes.length, 0);
      expect(source.bytesRead - taken).toBeLessThanOrEqual(mib);
    }
    connection.allow(Infinity);
    expect(connection.of("end")).toHaveLength(16);
    expect(source.bytesRead).toBe(16 * mib);
  });

  it("A seeder gives every request its turn, also when there is little room to read ahead", async () => {
    const { source, manifest } = await memoryFile(16 * mib, mib);
    const { connection } = seederWith(lookup(source), { readAheadBytes: mib });
    connection.allow(0);
    for (let id = 0; id < 16; id += 1) {
      connection.say({ type: "get-chunk", id, root: manifest.root, index: id, offset: 0, length: mib });
    }
    for (let frames = 0; frames < 34; frames += 1) connection.allow(1);
    const counts = Array.from({ length: 16 }, (_, id) => connection.of("data").filter((data) => data.id === id).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  });

  it("A seeder answers PEER_BUSY with a wait when there are more requests than allowed", async () => {
    const { source, manifest } = await fresh();
    source.hold();
    const { connection, events } = seederWith(lookup(source), { maxRequests: 2, busyRetryAfterMs: 250 });
    for (const id of [1, 2, 3]) {
      connection.say({ type: "get-chunk", id, root: manifest.root, index: 0, offset: 0, length: 10 });
    }
    expect(connection.of("error")).toMatchObject([{ id: 3, code: "PEER_BUSY", retryAfterMs: 250 }]);
    expect(events).toContainEqual(expect.objectContaining({ type: "request-refused", code: "PEER_BUSY" }));
    source.release();
    connection.say({ type: "get-chunk", id: 4, root: manifest.root, index: 0, offset: 0, length: 10 });
    expect(connection.of("end").map(({ id }) => id)).toEqual([1, 2, 4]);
  });

  it("A seeder begins no read and sends nothing more at cancel, and tells how much went out", async () => {
    const { source, manifest } = await fresh();
    const { connection, events } = seederWith(lookup(source));
    connection.allow(3);
    connection.say({ type: "get-chunk", id: 1, root: manifest.root, index: 0, offset: 0, length: mib });
    source.hold();
    connection.say({ type: "get-chunk", id: 2, root: manifest.root, index: 1, offset: 0, length: mib });
    connection.say({ type: "cancel", id: 1 });
    connection.say({ type: "cancel", id: 2 });
    connection.say({ type: "cancel", id: 99 });
    connection.allow(Infinity);
    expect(connection.of("end")).toEqual([]);
    expect([source.reads, source.underWay, source.abandoned]).toEqual([5, 1, 0]);
    expect(events).toContainEqual(expect.objectContaining({ type: "chunk-served", bytes: 524_288, whole: false }));
    connection.say({ type: "get-chunk", id: 2, root: manifest.root, index: 3, offset: 0, length: 5 });
    source.release();
    expect(connection.of("end")).toEqual([{ type: "end", id: 2 }]);
  });

  it("A seeder frees the room of cancelled reads when they have ended", async () => {
    const { source, manifest } = await fresh();
    const { connection } = seederWith(lookup(source), { readAheadBytes: 262_144 });
    source.hold();
    connection.say({ type: "get-chunk", id: 1, root: manifest.root, index: 0, offset: 0, length: mib });
    connection.say({ type: "get-chunk", id: 2, root: manifest.root, index: 3, offset: 0, length: 5 });
    expect(source.reads).toBe(1);
    connection.say({ type: "cancel", id: 1 });
    expect(source.reads).toBe(1);
    source.release(1);
    expect(source.reads).toBe(2);
  });

  it.each([
    ["FILE_NOT_FOUND", { root: "0".repeat(64), index: 0, offset: 0, length: 1 }],
    ["INVALID_CHUNK", { root, index: 4, offset: 0, length: 1 }],
    ["INVALID_CHUNK", { root, index: 3, offset: 0, length: 6 }],
    ["INVALID_CHUNK", { root, index: 0, offset: mib, length: 1 }],
  ])("A seeder answers %s to a chunk request that it cannot serve", (code, request) => {
    const { connection } = seederWith(lookup(file.source));
    connection.say({ type: "get-chunk", id: 1, ...request });
    expect(connection.of("error")).toMatchObject([{ id: 1, code }]);
    expect(connection.closed).toBeUndefined();
  });

  it("A seeder answers INVALID_CHUNK to a slice behind the last digest", () => {
    const { connection } = seederWith(lookup(file.source));
    connection.say({ type: "get-manifest", id: 1, root, from: 4 });
    expect(connection.of("error")).toMatchObject([{ id: 1, code: "INVALID_CHUNK" }]);
  });

  it("A seeder looks files up at each request", () => {
    const files = lookup();
    const { connection } = seederWith(files);
    connection.say({ type: "get-chunk", id: 1, root, index: 3, offset: 0, length: 5 });
    files.set(root, file.source);
    connection.say({ type: "get-chunk", id: 2, root, index: 3, offset: 0, length: 5 });
    expect(connection.of("error")).toMatchObject([{ id: 1, code: "FILE_NOT_FOUND" }]);
    expect(connection.of("end")).toMatchObject([{ id: 2 }]);
  });

  it.each([
    [
      "its own code",
      () => throwError(() => new DownloadError("PEER_BUSY", "later", { retryAfterMs: 70 })),
      "PEER_BUSY",
      70,
    ],
    [
      "a code that is not its to say",
      () => throwError(() => new DownloadError("LOCAL_IO", "/secret")),
      "PEER_UNAVAILABLE",
      undefined,
    ],
    ["any other error", () => throwError(() => new Error("/secret")), "PEER_UNAVAILABLE", undefined],
    ["an error without a value", () => throwError(() => undefined), "PEER_UNAVAILABLE", undefined],
    ["too few bytes", () => of(new Uint8Array(3)), "PEER_UNAVAILABLE", undefined],
    ["nothing", () => EMPTY, "PEER_UNAVAILABLE", undefined],
    [
      "a throw",
      () => {
        throw new Error("at once");
      },
      "PEER_UNAVAILABLE",
      undefined,
    ],
  ])("A seeder tells the client of a read that gave %s", (_name, read, code, retryAfterMs) => {
    const { connection, events } = seederWith(lookup({ manifest: file.manifest, read }));
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 4 });
    const [error] = connection.of("error");
    expect(error).toMatchObject({ id: 1, code });
    expect(error?.retryAfterMs).toBe(retryAfterMs);
    expect(error?.message).not.toContain("secret");
    expect(events).toContainEqual(expect.objectContaining({ type: "request-refused", code }));
    expect(connection.closed).toBeUndefined();
  });

  it("A seeder tells a partial seeder's chunks at the first request and whenever they change", () => {
    const mine = new Set([1]);
    const changes = new Subject<void>();
    const source: ByteSource = {
      manifest: file.manifest,
      read: (offset, length) => file.source.read(offset, length),
      has: (chunk) => mine.has(chunk),
      changes,
    };
    const { connection } = seederWith(lookup(source));
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 5 });
    expect(connection.of("error")).toMatchObject([{ id: 1, code: "CHUNK_NOT_AVAILABLE" }]);
    mine.add(3);
    connection.allow(0);
    changes.next();
    changes.next();
    connection.allow(Infinity);
    const heard = connection.of("have").map((have) => ("chunks" in have ? [...have.chunks] : []));
    expect(heard.at(0)).toEqual([0b0010]);
    expect(heard.at(-1)).toEqual([0b1010]);
    expect(heard.length).toBeLessThanOrEqual(3);
    expect(hasBit(Uint8Array.of(0b1010), 3)).toBe(true);
    changes.error(new Error("lost"));
    expect(connection.closed).toBeUndefined();
  });

  it("A seeder paces uploads over all connections together", () => {
    const scheduler = new VirtualTimeScheduler();
    const seeder = createSeeder(lookup(file.source), { limitRateBytesPerSecond: 100_000, scheduler });
    const clients = [new MemoryConnection(), new MemoryConnection()];
    const endedAt: number[] = [];
    for (const client of clients) {
      seeder.accept(client).subscribe((event) => {
        if (event.type === "chunk-served") endedAt.push(scheduler.now());
      });
      client.hello();
      client.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 500_000 });
    }
    scheduler.flush();
    expect(Math.max(...endedAt)).toBeGreaterThan(9_800);
    expect(Math.max(...endedAt)).toBeLessThan(10_100);
    expect(Math.min(...endedAt)).toBeGreaterThan(9_500);
    expect(clients[0]?.of("data")[0]?.bytes.length).toBe(1024);
  });

  it("A seeder drops what waits for its pace when the client goes", () => {
    const scheduler = new VirtualTimeScheduler();
    const { connection, events } = seederWith(lookup(file.source), { limitRateBytesPerSecond: 1000, scheduler });
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 500_000 });
    connection.frames.complete();
    const sent = connection.sent.length;
    scheduler.flush();
    expect(connection.sent.length).toBe(sent);
    expect(events.at(-1)).toEqual({ type: "connection-closed", peer: "memory" });
  });

  it("A seeder is stopped by unsubscribing: reads end and the connection is closed", async () => {
    const { source, manifest } = await fresh();
    source.hold();
    const { connection, subscription } = seederWith(lookup(source));
    connection.say({ type: "get-chunk", id: 1, root: manifest.root, index: 0, offset: 0, length: 10 });
    subscription.unsubscribe();
    expect(source.abandoned).toBe(1);
    expect(connection.closed?.code).toBe(1001);
    expect(connection.frames.observed).toBe(false);
  });

  it("A seeder ends with a transport that breaks", () => {
    const { connection, events } = seederWith(lookup(file.source));
    connection.broken = new Error("pipe burst");
    connection.say({ type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 10 });
    expect(events.at(-1)).toEqual({ type: "connection-closed", peer: "memory", reason: "pipe burst" });
  });

  it("A seeder ends with frames that error", () => {
    const { connection, events } = seederWith(lookup(file.source));
    connection.frames.error(new Error("cable cut"));
    expect(events.at(-1)).toEqual({ type: "connection-closed", peer: "memory", reason: "cable cut" });
  });
});

describe("a seeder hangs up on a client", () => {
  const request = { type: "get-chunk", id: 1, root, index: 0, offset: 0, length: 10 } as const;

  it("A seeder hangs up on a client that asks before hello", () => {
    const { connection } = seederWith(lookup(file.source), {}, false);
    connection.say(request);
    expect(connection.of("error")).toMatchObject([{ code: "PROTOCOL_ERROR", message: "get-chunk before hello" }]);
    expect(connection.closed?.code).toBe(1002);
  });

  it("A seeder hangs up on a client that says hello twice, or in another version", () => {
    const twice = seederWith(lookup()).connection;
    twice.hello();
    const newer = seederWith(lookup(), {}, false).connection;
    newer.say({ type: "hello", version: 2, limits: { frameBytes: 300_000, requests: 0 } });
    expect([twice.closed?.code, newer.closed?.code]).toEqual([1002, 1002]);
  });

  it("A seeder serves a client that names features which nobody knows", () => {
    const { connection } = seederWith(lookup(file.source), {}, false);
    const limits = { frameBytes: 300_000, requests: 0 };
    connection.say({ type: "hello", version: 1, limits, features: ["of-tomorrow"] });
    connection.say({ type: "get-chunk", id: 1, root, index: 3, offset: 0, length: 5 });
    expect(connection.of("end")).toEqual([{ type: "end", id: 1 }]);
  });

  it("A seeder hangs up on a client that says no hello in time", () => {
    const scheduler = new VirtualTimeScheduler();
    const { connection, events } = seederWith(lookup(), { scheduler, helloTimeoutMs: 300 }, false);
    scheduler.flush();
    expect(scheduler.now()).toBe(300);
    expect(connection.closed?.code).toBe(1002);
    expect(events.at(-1)).toEqual({ type: "connection-closed", peer: "memory", reason: "no hello within 300 ms" });
    const polite = seederWith(lookup(), { scheduler, helloTimeoutMs: 300 }).connection;
    scheduler.maxFrames = 10_000;
    scheduler.flush();
    expect(polite.closed).toBeUndefined();
  });

  it("A seeder hangs up on a client that uses a request id twice at a time", async () => {
    const { source, manifest } = await fresh();
    source.hold();
    const { connection } = seederWith(lookup(source));
    connection.say({ ...request, root: manifest.root });
    connection.say({ ...request, root: manifest.root });
    expect(connection.closed?.code).toBe(1002);
  });

  it("A seeder hangs up on a client that sends too large a message", () => {
    const { connection } = seederWith(lookup(), { maxFrameBytes: 1024 });
    connection.frames.next(new Uint8Array(1025));
    expect(connection.closed?.code).toBe(1009);
  });

  it("A seeder hangs up on a client that sends too many messages a second, with RATE_LIMITED and a wait", () => {
    const { connection } = seederWith(lookup(), { maxMessagesPerSecond: 3 });
    for (let id = 0; id < 2; id += 1) connection.say({ type: "cancel", id });
    expect(connection.closed).toBeUndefined();
    connection.say({ type: "cancel", id: 3 });
    expect(connection.of("error")).toMatchObject([{ code: "RATE_LIMITED", retryAfterMs: 1000 }]);
    expect(connection.closed?.code).toBe(1013);
  });

  it("A seeder hangs up on a client that does not read the answers it asks for", () => {
    const { connection } = seederWith(lookup(), { maxQueuedReplies: 10 });
    connection.allow(0);
    for (let id = 0; id < 13; id += 1) connection.say({ ...request, id });
    expect(connection.closed?.code).toBe(1008);
  });

  it("A seeder hangs up on a client that sends what only servers send", () => {
    const { connection } = seederWith(lookup());
    connection.frames.next(Uint8Array.of(0x81, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa3, 0x65, 0x6e, 0x64));
    expect(connection.closed?.code).toBe(1007);
  });

  it("A seeder hangs up on a client whatever the bytes, without falling over", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), fc.boolean(), (frames, greet) => {
        const { connection, events } = seederWith(lookup({ manifest: file.manifest, read: () => NEVER }), {}, greet);
        for (const frame of frames) connection.frames.next(frame);
        expect(events.filter(({ type }) => type === "connection-closed").length).toBe(frames.length > 0 ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});

it.each([
  ["maxRequests", 0],
  ["maxFrameBytes", 10],
  ["limitRateBytesPerSecond", -1],
  ["readAheadBytes", Number.NaN],
  ["maxReads", 0],
])("A seeder's limits refuse %s = %d by name", (name, value) => {
  expect(() => createSeeder(lookup(), { [name]: value })).toThrow(new RegExp(`^${name} is`));
});
