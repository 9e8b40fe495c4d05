import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeeder } from "../../src/seeder/createSeeder.js";
import { clientOf, type MemoryConnection, seederWith } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const KiB = 1024;

/** A file whose reads end when they are told to. */
async function slowFile() {
  const file = await memoryFile(64 * KiB, 64 * KiB);
  file.source.hold();
  return { ...file, sources: new Map([[file.manifest.root, file.source]]) };
}

function ask(connection: MemoryConnection, root: string, id: number, length = 10): void {
  connection.say({ type: "get-chunk", id, root, index: 0, offset: 0, length });
}

function askAndCancel(connection: MemoryConnection, root: string, id: number): void {
  ask(connection, root, id);
  connection.say({ type: "cancel", id });
}

describe("a seeder whose reads are slow", () => {
  it("A seeder whose reads are slow gives the slot of a cancelled request away when its read has ended, and no sooner", async () => {
    const { sources, source, manifest } = await slowFile();
    const { connection } = seederWith(sources, { maxRequests: 2 });
    for (const id of [1, 2, 3]) askAndCancel(connection, manifest.root, id);
    expect(connection.of("error")).toMatchObject([{ id: 3, code: "PEER_BUSY" }]);
    expect(source.reads).toBe(2);
    source.release(1);
    ask(connection, manifest.root, 4);
    expect([connection.of("error").length, source.reads]).toEqual([1, 3]);
  });

  it("A seeder whose reads are slow begins no more reads than its limits allow, however often a client asks and cancels", async () => {
    const { sources, source, manifest } = await slowFile();
    const { connection } = seederWith(sources);
    for (let id = 0; id < 3000; id += 1) askAndCancel(connection, manifest.root, id);
    expect(source.reads).toBe(16);
  });

  it("A seeder whose reads are slow bounds the reads of all clients together, and gives a new client its turn after one read of each other client", async () => {
    const { sources, source, manifest } = await slowFile();
    const seeder = createSeeder(sources, { maxReads: 4 });
    const greedy = [clientOf(seeder), clientOf(seeder), clientOf(seeder)];
    for (const { connection } of greedy) for (let id = 0; id < 16; id += 1) ask(connection, manifest.root, id);
    const good = clientOf(seeder).connection;
    ask(good, manifest.root, 1);
    expect(source.reads).toBe(4);
    // The first client took all four turns; then each of the three begins one read, and the good one the next.
    for (let ended = 0; ended < 7; ended += 1) source.release(1);
    expect(good.of("end")).toHaveLength(0);
    source.release(1);
    expect(good.of("end")).toHaveLength(1);
    while (source.underWay > 0) source.release(1);
    expect(source.mostUnderWay).toBe(4);
    for (const { connection } of greedy) expect(connection.of("end")).toHaveLength(16);
  });

  it("A seeder whose reads are slow counts the reads of clients that are gone until they have ended, and then says that the client is served", async () => {
    const { sources, source, manifest } = await slowFile();
    const seeder = createSeeder(sources, { maxReads: 2 });
    const gone = [clientOf(seeder), clientOf(seeder)];
    for (const { connection } of gone) {
      ask(connection, manifest.root, 1);
      connection.frames.complete();
    }
    expect(gone.map(({ events }) => events.at(-1)?.type)).toEqual(["connection-closed", "connection-closed"]);
    const { connection } = clientOf(seeder);
    ask(connection, manifest.root, 1);
    expect([source.reads, gone.map(({ subscription }) => subscription.closed)]).toEqual([2, [false, false]]);
    source.release(1);
    expect([source.reads, gone.map(({ subscription }) => subscription.closed)]).toEqual([3, [true, false]]);
  });

  it("A seeder whose reads are slow reads once for sixteen small messages, and holds the room of those that wait to be sent", async () => {
    const { source, manifest } = await memoryFile(64 * KiB, 64 * KiB);
    const { connection } = seederWith(new Map([[manifest.root, source]]), { readAheadBytes: 64 * KiB });
    connection.allow(0);
    const request = { type: "get-chunk", root: manifest.root, index: 0, offset: 0, dataBytes: 2 * KiB } as const;
    connection.say({ ...request, id: 1, length: 64 * KiB });
    expect([source.reads, source.bytesRead]).toEqual([2, 64 * KiB]);
    connection.say({ ...request, id: 2, length: 2 * KiB });
    // What is there goes first; then a message frees its room when it was taken.
    connection.allow(1);
    expect([connection.of("data").length, source.reads]).toEqual([1, 2]);
    connection.allow(1);
    expect([connection.of("data").length, source.reads]).toEqual([2, 3]);
    connection.say({ type: "cancel", id: 1 });
    connection.allow(Infinity);
    connection.say({ ...request, id: 3, length: 64 * KiB });
    expect(connection.of("end")).toHaveLength(2);
    expect(new Set(connection.of("data").map(({ bytes }) => bytes.length))).toEqual(new Set([2 * KiB]));
  });

  it("A seeder whose reads are slow gives up the reads of a client that is gone when it stops", async () => {
    const { sources, source, manifest } = await slowFile();
    const { connection, subscription } = seederWith(sources);
    ask(connection, manifest.root, 1);
    connection.frames.complete();
    expect(source.abandoned).toBe(0);
    subscription.unsubscribe();
    expect(source.abandoned).toBe(1);
  });

  it("A seeder whose reads are slow forgets clients that wait in line when they leave", async () => {
    const { sources, source, manifest } = await slowFile();
    const seeder = createSeeder(sources, { maxReads: 1 });
    const [first, leaving, last] = [clientOf(seeder), clientOf(seeder), clientOf(seeder)];
    for (const { connection } of [first, leaving, last]) ask(connection, manifest.root, 1);
    leaving.connection.frames.complete();
    source.release(1);
    source.release(1);
    expect([source.reads, last.connection.of("end").length]).toEqual([2, 1]);
  });
});

const step = fc.oneof(
  fc.record({ does: fc.constant("ask"), client: fc.nat(3), length: fc.integer({ min: 1, max: 64 * KiB }) }),
  fc.record({ does: fc.constant("cancel"), client: fc.nat(3) }),
  fc.record({ does: fc.constant("leave"), client: fc.nat(3) }),
  fc.record({ does: fc.constant("end"), client: fc.nat(2) }),
);

it("A seeder keeps to its sum of reads and answers all that was asked and not cancelled, whatever the history", async () => {
  const { manifest } = await memoryFile(64 * KiB, 64 * KiB);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, maxReads) => {
      const { sources, source } = await slowFile();
      const seeder = createSeeder(sources, { maxReads, readAheadBytes: 32 * KiB, maxRequests: 100 });
      const clients = Array.from({ length: 4 }, () => ({ ...clientOf(seeder), open: new Set<number>(), left: false }));
      for (const [id, { does, client, ...more }] of steps.entries()) {
        const one = clients[client];
        if (one === undefined || does === "end") source.release(client);
        else if (one.left) continue;
        else if (does === "ask" && "length" in more) {
          const dataBytes = 4 * KiB;
          one.open.add(id);
          const asked = { id, root: manifest.root, index: 0, offset: 0, length: more.length, dataBytes };
          one.connection.say({ type: "get-chunk", ...asked });
        } else if (does === "cancel") {
          const [oldest] = one.open;
          if (oldest === undefined) continue;
          one.open.delete(oldest);
          one.connection.say({ type: "cancel", id: oldest });
        } else {
          one.left = true;
          one.connection.frames.complete();
        }
      }
      while (source.underWay > 0) source.release(1);
      expect(source.mostUnderWay).toBeLessThanOrEqual(maxReads);
      for (const { connection, open, left, subscription } of clients) {
        const ended = new Set(connection.of("end").map(({ id }) => id));
        if (!left) expect([...open].filter((id) => !ended.has(id))).toEqual([]);
        expect(subscription.closed).toBe(left);
      }
    }),
    { numRuns: 300 },
  );
});
