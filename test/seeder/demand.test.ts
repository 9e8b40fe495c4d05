import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { hasBit } from "../../src/protocol/chunkBits.js";
import { createSeeder, type Seeder } from "../../src/seeder/createSeeder.js";
import { clientOf, type MemoryConnection } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const chunkBytes = 65_536;
const chunks = 16;
const { manifest, source } = await memoryFile(chunks * chunkBytes, chunkBytes);
const { root } = manifest;

/** A client that names features, and has asked for a chunk. */
function asking(
  seeder: Seeder,
  index: number,
  features: readonly string[] = ["asked"],
  address = "memory",
): MemoryConnection {
  const { connection } = clientOf(seeder, false, address);
  connection.say({
    type: "hello",
    version: 1,
    limits: { frameBytes: 300_000, requests: 0 },
    features: [...features],
  });
  ask(connection, index);
  return connection;
}

function ask(connection: MemoryConnection, index: number, id = index): void {
  connection.say({ type: "get-chunk", id, root, index, offset: 0, length: chunkBytes });
}

/** The chunks that a client was told of last. */
function toldTo(connection: MemoryConnection): readonly number[] | undefined {
  const asked = connection.of("asked").at(-1);
  if (asked === undefined) return undefined;
  return Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => hasBit(asked.chunks, chunk));
}

/** So many clients, each with an address of its own, that have asked for a chunk. */
function crowdOf(seeder: Seeder, count: number): readonly MemoryConnection[] {
  return Array.from({ length: count }, (_, at) => asking(seeder, at % chunks, ["asked"], `10.0.0.${at}:1`));
}

/** The codes of errors that a client was told of. */
function codesTo(connection: MemoryConnection): readonly string[] {
  return connection.of("error").map(({ code }) => code);
}

function slowSeeder(limitRateBytesPerSecond = 4 * chunkBytes) {
  const scheduler = new VirtualTimeScheduler();
  const seeder = createSeeder(new Map([[root, source]]), { limitRateBytesPerSecond, scheduler });
  const to = (ms: number): void => {
    scheduler.maxFrames = ms;
    scheduler.flush();
    scheduler.frame = ms;
  };
  return { seeder, to };
}

describe("A seeder of downloads that share its file", () => {
  it("A client that shares is told which chunks others that share are getting, and got of late", () => {
    const { seeder, to } = slowSeeder();
    const first = asking(seeder, 3);
    const second = asking(seeder, 5);
    to(300);
    expect(toldTo(first)).toEqual([3, 5]);
    to(2000);
    ask(second, 7);
    to(2300);
    expect(toldTo(first)).toEqual([3, 5, 7]);
  });

  it("A chunk of which only some bytes were served is nobody's when these are out", () => {
    const { seeder, to } = slowSeeder();
    const first = asking(seeder, 3);
    const second = asking(seeder, 5);
    to(1000);
    second.say({ type: "get-chunk", id: 9, root, index: 9, offset: 0, length: 1 });
    second.say({ type: "get-chunk", id: 10, root, index: 10, offset: 1, length: chunkBytes - 1 });
    to(3000);
    expect(second.of("end").map(({ id }) => id)).toEqual(expect.arrayContaining([9, 10]));
    expect(toldTo(first)).toEqual([3, 5]);
  });

  it("A chunk that was served ten seconds ago is nobody's any more", () => {
    const { seeder, to } = slowSeeder();
    const first = asking(seeder, 3);
    asking(seeder, 5);
    to(9000);
    expect(toldTo(first)).toEqual([3, 5]);
    to(11_000);
    expect(toldTo(first)).toEqual([]);
  });

  it("A chunk that a client gave up is nobody's at once", () => {
    const { seeder, to } = slowSeeder();
    const first = asking(seeder, 3);
    const second = asking(seeder, 5);
    to(300);
    second.say({ type: "cancel", id: 5 });
    to(600);
    expect(toldTo(first)).toEqual([3]);
  });

  it("A client that shares nothing is told nothing, and what it gets counts for nobody", () => {
    const { seeder, to } = slowSeeder();
    const first = asking(seeder, 3);
    const second = asking(seeder, 4);
    const plain = asking(seeder, 5, []);
    to(600);
    expect(toldTo(plain)).toBeUndefined();
    expect(toldTo(second)).toEqual([3, 4]);
    expect(toldTo(first)).toEqual([3, 4]);
  });

  it("A client that is alone is told nothing", () => {
    const { seeder, to } = slowSeeder();
    const only = asking(seeder, 3);
    to(3000);
    expect(toldTo(only)).toBeUndefined();
  });

  it("Of addresses that share 32 are answered at a time, whatever else they ask for, and the others are busy until one of them has its chunk", () => {
    const { seeder, to } = slowSeeder();
    const crowd = crowdOf(seeder, 32);
    crowd[0]?.say({ type: "get-chunk", id: 99, root, index: 9, offset: 0, length: 1 });
    const neighbour = asking(seeder, 1, ["asked"], "10.0.0.1:2");
    const late = asking(seeder, 2, ["asked"], "10.0.1.1:1");
    expect(codesTo(late)).toEqual(["PEER_BUSY"]);
    crowd[1]?.say({ type: "cancel", id: 1 });
    neighbour.say({ type: "cancel", id: 1 });
    ask(late, 2, 100);
    to(60_000);
    expect(crowd[0]?.of("end").map(({ id }) => id)).toContain(99);
    expect(late.of("end")).toHaveLength(1);
    expect([neighbour, late].map(codesTo)).toEqual([[], ["PEER_BUSY"]]);
  });

  it("Those who share nothing wait in the same line as those who do, and in none where nobody shares", () => {
    const { seeder, to } = slowSeeder();
    const crowd = crowdOf(seeder, 32);
    const late = asking(seeder, 2, ["asked"], "10.0.1.1:1");
    const plain = asking(seeder, 2, [], "10.0.2.2:1");
    expect([late, plain].map(codesTo)).toEqual([["PEER_BUSY"], ["PEER_BUSY"]]);
    for (const [at, connection] of crowd.entries()) connection.say({ type: "cancel", id: at % chunks });
    for (const connection of [plain, late]) ask(connection, 2, 100);
    to(60_000);
    for (const connection of [plain, late]) expect(connection.of("end").map(({ id }) => id)).toEqual([100]);

    const another = slowSeeder();
    const alone = Array.from({ length: 40 }, (_, at) => asking(another.seeder, at % chunks, [], `10.0.0.${at}:1`));
    another.to(60_000);
    expect(alone.flatMap(codesTo)).toEqual([]);
  });

  it("Who has been waiting for longest goes first, whoever comes first", () => {
    const { seeder, to } = slowSeeder();
    const crowd = crowdOf(seeder, 32);
    const waiting = Array.from({ length: 3 }, (_, at) => asking(seeder, 2, ["asked"], `10.0.1.${at}:1`));
    const [first, second, third] = waiting;
    for (const at of [0, 1]) crowd[at]?.say({ type: "cancel", id: at });
    for (const connection of [third, second, first]) if (connection) ask(connection, 3, 100);
    to(1000);
    expect(waiting.map(codesTo)).toEqual([["PEER_BUSY"], ["PEER_BUSY"], ["PEER_BUSY", "PEER_BUSY"]]);
  });

  it("An answer to one that shares nothing, begun before anybody shared, leaves the line of those who do as it is", () => {
    const { seeder, to } = slowSeeder(chunkBytes);
    const plain = asking(seeder, 2, [], "10.0.2.1:1");
    const crowd = crowdOf(seeder, 32);
    plain.say({ type: "cancel", id: 2 });
    const late = asking(seeder, 2, ["asked"], "10.0.1.1:1");
    to(1000);
    expect([...crowd, late].map(codesTo).flat()).toEqual(["PEER_BUSY"]);
    expect(codesTo(late)).toEqual(["PEER_BUSY"]);
  });

  it("An address that was turned away goes before those that have had something, and before new ones", () => {
    const { seeder, to } = slowSeeder();
    const [first, second, third] = crowdOf(seeder, 32);
    const late = asking(seeder, 2, ["asked"], "10.0.1.1:1");
    if (first === undefined) throw new Error("there is nobody");
    ask(first, 9, 100);
    second?.say({ type: "cancel", id: 1 });
    third?.say({ type: "cancel", id: 2 });
    const later = asking(seeder, 2, ["asked"], "10.0.2.1:1");
    ask(late, 3, 100);
    to(1000);
    expect([first, later, late].map(codesTo)).toEqual([["PEER_BUSY"], ["PEER_BUSY"], ["PEER_BUSY"]]);
    to(60_000);
    expect(late.of("end").map(({ id }) => id)).toEqual([100]);
  });

  it("Nobody keeps its place by asking on and on: one that comes every eight seconds is answered among 32 that always want more", () => {
    const { seeder, to } = slowSeeder(16 * chunkBytes);
    const holders = crowdOf(seeder, 32).map((connection) => ({ connection, asked: 1, busyFor: 0, againAt: 0 }));
    const late = asking(seeder, 2, ["asked"], "10.0.1.1:1");
    const wantMore = (ms: number): void => {
      for (const holder of holders) {
        const { connection } = holder;
        const busy = codesTo(connection).length;
        // A client that hears that a peer is busy waits for longer each time, and a whole chunk is the end of that.
        if (busy > holder.busyFor) holder.againAt = ms + Math.min(8000, 1000 * 2 ** (busy - holder.busyFor - 1));
        const underWay = holder.asked - connection.of("end").length - busy;
        holder.busyFor = busy;
        if (underWay >= 3 || ms < holder.againAt) continue;
        ask(connection, holder.asked % chunks, 1000 + holder.asked);
        holder.asked += 1;
      }
    };
    for (let ms = 250; ms <= 60_000; ms += 250) {
      to(ms);
      wantMore(ms);
      if (ms % 8000 === 0) ask(late, 2, ms);
    }
    expect(late.of("end").length).toBeGreaterThan(1);
  });

  it("An address that was turned away and has not come again for ten seconds holds nobody up", () => {
    const { seeder, to } = slowSeeder(chunkBytes);
    const [first, second] = crowdOf(seeder, 32);
    asking(seeder, 2, ["asked"], "10.0.1.1:1");
    if (first === undefined || second === undefined) throw new Error("there is nobody");
    to(5000);
    ask(first, 9, 100);
    to(16_000);
    ask(second, 9, 100);
    to(20_000);
    expect([first, second].map(codesTo)).toEqual([["PEER_BUSY"], []]);
  });

  it("A client that shares leaves no timer when it has gone", () => {
    const scheduler = new VirtualTimeScheduler();
    const seeder = createSeeder(new Map([[root, source]]), { scheduler });
    const clients = [clientOf(seeder, false), clientOf(seeder, false)];
    for (const { connection } of clients) {
      const limits = { frameBytes: 300_000, requests: 0 };
      connection.say({ type: "hello", version: 1, limits, features: ["asked"] });
      ask(connection, 1);
    }
    for (const { subscription } of clients) subscription.unsubscribe();
    expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
  });
});
