import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { createSeeder } from "../../src/seeder/createSeeder.js";
import type { SeederConfig } from "../../src/seeder/SeederConfig.js";
import { clientOf } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const { manifest, source } = await memoryFile(8 * 1024 * 1024, 1024 * 1024);
const { root } = manifest;
const get = (id: number, length = 1000) => ({ type: "get-chunk", id, root, index: 0, offset: 0, length }) as const;

function seeder(config: SeederConfig = {}) {
  const scheduler = new VirtualTimeScheduler();
  const made = createSeeder(new Map([[root, source]]), { scheduler, ...config });
  const to = (ms: number): void => {
    scheduler.maxFrames = ms;
    scheduler.flush();
    scheduler.frame = ms;
  };
  return { made, to };
}

describe("A seeder that has all the clients it may have", () => {
  it("A client that has been idle for longest makes room for a new one, and one that is answered stays", () => {
    const { made, to } = seeder({ maxConnections: 3 });
    const [answered, idle, fresh] = [clientOf(made), clientOf(made), clientOf(made)];
    answered.connection.allow(1);
    answered.connection.say(get(1));
    to(9000);
    fresh.connection.say(get(1));
    expect(made.admit("elsewhere")).toBeUndefined();
    expect(idle.connection.closed?.code).toBe(1013);
    expect([answered.connection.closed, fresh.connection.closed]).toEqual([undefined, undefined]);
  });

  it("A new client is refused while all have asked within five seconds", () => {
    const { made, to } = seeder({ maxConnections: 1 });
    const { connection } = clientOf(made);
    to(4999);
    expect(made.admit("elsewhere")).toBe("more than 1 connections");
    to(5000);
    expect(made.admit("elsewhere")).toBeUndefined();
    expect(connection.closed?.code).toBe(1013);
  });

  it("A new client of an address that has all it may have takes the place of an idle one of that address, not of others", () => {
    const { made, to } = seeder({ maxConnectionsPerAddress: 1 });
    const { connection } = clientOf(made);
    to(6000);
    expect(made.admit("elsewhere")).toBeUndefined();
    expect(connection.closed).toBeUndefined();
    expect(made.admit("memory")).toBeUndefined();
    expect(connection.closed?.code).toBe(1013);
  });
});

describe("A client of a seeder", () => {
  it("A client that asks for nothing is sent away after a time, counted from its last answer", () => {
    const { made, to } = seeder({ idleTimeoutMs: 20_000 });
    const { connection } = clientOf(made);
    to(15_000);
    connection.say(get(1));
    to(34_000);
    expect(connection.closed).toBeUndefined();
    to(40_000);
    expect(connection.closed?.code).toBe(1001);
  });

  it("A client that could not come again is not sent away while that is so", () => {
    const { made, to } = seeder({ idleTimeoutMs: 20_000 });
    const { connection } = clientOf(made);
    connection.isLast = true;
    to(100_000);
    expect(connection.closed).toBeUndefined();
    connection.isLast = false;
    to(130_000);
    expect(connection.closed?.code).toBe(1001);
  });

  it("A client that leaves a message unread is sent away after a time, and one that reads slowly is not", () => {
    const { made, to } = seeder({ unreadTimeoutMs: 20_000 });
    const [deaf, slow] = [clientOf(made), clientOf(made)];
    for (const { connection } of [deaf, slow]) {
      connection.allow(1);
      connection.say(get(1, 1024 * 1024));
    }
    for (let at = 0; at <= 60_000; at += 10_000) {
      to(at);
      slow.connection.allow(1);
    }
    expect(deaf.connection.closed?.code).toBe(1008);
    expect(slow.connection.closed).toBeUndefined();
  });

  it("Clients that read nothing hold one read each beyond the sum, and their room comes back when they go", () => {
    const { made, to } = seeder({ maxReadAheadBytes: 1024 * 1024 });
    const { bytesRead } = source;
    const deaf = Array.from({ length: 20 }, () => clientOf(made));
    for (const { connection } of deaf) {
      connection.allow(1);
      for (let id = 1; id <= 8; id += 1) connection.say(get(id, 1024 * 1024));
    }
    const held = source.bytesRead - bytesRead;
    // Each has one block, four of which are within the sum; what was sent to one that has no room is held, too.
    expect(held).toBeLessThanOrEqual((20 + 4) * 262_144);
    to(65_000);
    expect(deaf.every(({ connection }) => connection.closed?.code === 1008)).toBe(true);
    const good = clientOf(made);
    good.connection.say(get(1, 1024 * 1024));
    expect(good.connection.of("end").length).toBe(1);
  });
});
