import { VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import type { Scope } from "../../src/protocol/Scope.js";
import { createSeeder, type Seeder } from "../../src/seeder/createSeeder.js";
import { ServingClients, servingLimits } from "../../src/seeder/ServingClients.js";
import { servingClientsOf } from "../../src/seeder/servingClientsOf.js";
import { SharedFiles } from "../../src/seeder/SharedFiles.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import { MemoryConnection } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const file = await memoryFile(1000, 1000);
const { root } = file.manifest;
const minuteMs = 60_000;

/** A seeder of one file in virtual time, and a way to be its client. */
function stage() {
  const scheduler = new VirtualTimeScheduler();
  const sources = new Map([[root, file.source]]);
  const seeder = createSeeder(sources, { scheduler, random: seededRandom(1), maxConnections: 2000 });
  const at = (ms: number, act: () => void): void => void scheduler.schedule(act, ms - scheduler.now());
  /** Runs to a time, ms. */
  const until = (ms: number): void => {
    scheduler.maxFrames = ms;
    scheduler.flush();
  };
  return { scheduler, seeder, at, until };
}

/** A client at an address; it keeps itself from being idle. */
function client(seeder: Seeder, address: string, { scope = "public", features = ["peers"] }: ClientConfig = {}) {
  const connection = new MemoryConnection(undefined, { address, scope });
  const subscription = seeder.accept(connection).subscribe();
  connection.hello(300_000, features);
  return {
    connection,
    ask: () => connection.say({ type: "get-chunk", id: connection.sent.length, root, index: 0, offset: 0, length: 1 }),
    serve: (port: number, tls?: boolean) => connection.say({ type: "serving", root, port, ...(tls && { tls }) }),
    told: () => connection.of("peers").map(({ places }) => places),
    leave: () => {
      connection.frames.complete();
      subscription.unsubscribe();
    },
  };
}

interface ClientConfig {
  readonly scope?: Scope;
  readonly features?: string[];
}

it("A client that asks for a file hears a second later of those that serve it, by the address of their connection and their port, and not of itself", () => {
  const { seeder, until } = stage();
  client(seeder, "192.0.2.1").serve(7001);
  client(seeder, "2001:db8::1").serve(443, true);
  const asking = client(seeder, "192.0.2.2");
  asking.serve(7002);
  asking.ask();
  until(999);
  expect(asking.told()).toEqual([]);
  until(1000);
  expect(asking.told().map((places) => [...places].sort())).toEqual([["ws://192.0.2.1:7001", "wss://[2001:db8::1]"]]);
});

it("A client is told of those that come within a second in one message, of later ones once a minute, and of nobody twice", () => {
  const { seeder, at, until } = stage();
  const asking = client(seeder, "192.0.2.2");
  asking.ask();
  const others = [1, 2, 3, 4].map((host) => client(seeder, `198.51.100.${host}`));
  const [first, second, third, fourth] = others;
  first?.serve(1);
  at(500, () => second?.serve(1));
  at(1500, () => third?.serve(1));
  at(30_000, () => fourth?.serve(1));
  for (const ms of [40_000, 80_000, 120_000]) at(ms, () => [asking, ...others].forEach(({ ask }) => ask()));
  until(60_000);
  expect(asking.told().map((places) => [...places].sort())).toEqual([["ws://198.51.100.1:1", "ws://198.51.100.2:1"]]);
  until(61_000);
  expect(asking.told().at(1)?.toSorted()).toEqual(["ws://198.51.100.3:1", "ws://198.51.100.4:1"]);
  until(130_000);
  expect(asking.told()).toHaveLength(2);
});

it("A client is told of at most 50 at a time, drawn by chance, and of the others a minute later each", () => {
  const { seeder, at, until } = stage();
  const asking = client(seeder, "192.0.2.2");
  for (let host = 1; host <= 120; host += 1) client(seeder, `198.51.100.${host}`).serve(1);
  for (const ms of [1, 90_000, 150_000]) at(ms, asking.ask);
  until(2000);
  const [first = []] = asking.told();
  expect(first).toHaveLength(50);
  expect(first).not.toEqual(Array.from({ length: 50 }, (_, n) => `ws://198.51.100.${n + 1}:1`));
  until(3 * minuteMs);
  expect(asking.told().map(({ length }) => length)).toEqual([50, 50, 20]);
  expect(new Set(asking.told().flat()).size).toBe(120);
});

it("A client that did not name peer exchange, or asks for nothing, is told of nobody", () => {
  const { seeder, at, until } = stage();
  client(seeder, "192.0.2.1").serve(7001);
  const older = client(seeder, "192.0.2.2", { features: [] });
  older.ask();
  older.serve(1);
  const silent = client(seeder, "192.0.2.3");
  at(5000, () => undefined);
  until(5000);
  expect(older.told()).toEqual([]);
  expect(silent.told()).toEqual([]);
});

it("A client that serves hears of the others before it asks, also of a file that is only expected", () => {
  const scheduler = new VirtualTimeScheduler();
  const shared = new SharedFiles();
  shared.expect(root);
  const seeder = createSeeder(shared, { scheduler });
  client(seeder, "192.0.2.1").serve(7001);
  const other = client(seeder, "192.0.2.2");
  other.serve(7002);
  scheduler.maxFrames = 1000;
  scheduler.flush();
  expect(other.told()).toEqual([["ws://192.0.2.1:7001"]]);
  expect(
    servingClientsOf(shared)
      .of(root, 0)
      .map(({ place }) => place),
  ).toEqual(["ws://192.0.2.1:7001", "ws://192.0.2.2:7002"]);
});

it("A client is told of no address that means another place where it is: none of this machine, and private ones within the network alone", () => {
  const { seeder, until } = stage();
  client(seeder, "127.0.0.1", { scope: "machine" }).serve(1);
  client(seeder, "10.0.0.1", { scope: "network" }).serve(2);
  client(seeder, "192.0.2.1").serve(3);
  const scopes = ["machine", "network", "public"] as const;
  const asking = scopes.map((scope) => client(seeder, "192.0.2.9", { scope }));
  for (const { ask } of asking) ask();
  until(1000);
  expect(asking.map(({ told }) => told().flat().length)).toEqual([3, 2, 1]);
});

it("A client that serves no more, or at another port, is told of accordingly; one whose connection ended is for ten minutes", () => {
  const { seeder, at, until } = stage();
  const moved = client(seeder, "192.0.2.1");
  moved.serve(1);
  moved.serve(2);
  const withdrawn = client(seeder, "192.0.2.2");
  withdrawn.serve(1);
  withdrawn.serve(0);
  const gone = client(seeder, "192.0.2.3");
  gone.serve(1);
  gone.leave();
  const early = client(seeder, "192.0.2.9");
  early.ask();
  until(1000);
  expect(early.told().flat().toSorted()).toEqual(["ws://192.0.2.1:2", "ws://192.0.2.3:1"]);
  let late: ReturnType<typeof client> | undefined;
  at(servingLimits.rememberedMs, () => {
    late = client(seeder, "192.0.2.8");
    late.ask();
    client(seeder, "192.0.2.7").serve(1);
  });
  until(servingLimits.rememberedMs + 1000);
  expect(late?.told().flat()).toContain("ws://192.0.2.7:1");
  expect(late?.told().flat()).not.toContain("ws://192.0.2.3:1");
});

it("Places of one address and of one file are bounded: the oldest go first, those without a connection before the others", () => {
  const clients = new ServingClients();
  const connection = {};
  const add = (address: string, port: number): void =>
    clients.add(root, { place: `ws://${address}:${port}`, address, scope: "public" }, connection);
  const here = (): readonly string[] => clients.of(root, 0).map(({ place }) => place);
  for (let port = 1; port <= 16; port += 1) add("192.0.2.1", port);
  clients.left(root, "ws://192.0.2.1:9", connection, 0);
  add("192.0.2.1", 17);
  add("192.0.2.1", 18);
  expect(here()).toHaveLength(servingLimits.placesOfAddress);
  expect(here()).not.toContain("ws://192.0.2.1:9");
  expect(here()).not.toContain("ws://192.0.2.1:1");
  for (let host = 0; host < 600; host += 1) add(`198.51.${host >> 8}.${host & 255}`, 1);
  expect(here()).toHaveLength(servingLimits.places);
  expect(here().at(-1)).toBe("ws://198.51.2.87:1");
});

it("Places of a file that nobody asks for any more are forgotten when their time is over, at the next thing that happens", () => {
  const clients = new ServingClients();
  const connection = {};
  const serve = (at: string, port: number): void =>
    clients.add(at, { place: `ws://192.0.2.1:${port}`, address: "192.0.2.1", scope: "public" }, connection);
  for (const port of [1, 2]) serve("gone", port);
  serve("shared", 3);
  clients.left("gone", "ws://192.0.2.1:1", connection, 0);
  clients.left("gone", "ws://192.0.2.1:2", connection, 10);
  clients.left("shared", "ws://192.0.2.1:3", connection, servingLimits.rememberedMs + 9);
  expect(clients.size).toBe(2);
  expect(clients.of("shared", servingLimits.rememberedMs + 10)).toHaveLength(1);
  expect(clients.size).toBe(1);
});

it("A place goes with the last connection over which it was said, and another one takes nothing from it", () => {
  const { seeder, until } = stage();
  const [first, second, other] = [1, 2, 3].map(() => client(seeder, "192.0.2.1"));
  first?.serve(7001);
  second?.serve(7001);
  other?.serve(7002);
  other?.serve(0);
  second?.serve(0);
  const early = client(seeder, "192.0.2.2");
  early.ask();
  until(1000);
  expect(early.told()).toEqual([["ws://192.0.2.1:7001"]]);
  first?.serve(0);
  const late = client(seeder, "192.0.2.3");
  late.ask();
  until(3000);
  expect(late.told()).toEqual([]);
});

it("A place that was made room of and said again is forgotten ten minutes after its own connection, whoever left before", () => {
  const { seeder, at, until } = stage();
  const crowd = Array.from({ length: 17 }, () => client(seeder, "192.0.2.1"));
  crowd.forEach((each, n) => each.serve(n + 1));
  const again = client(seeder, "192.0.2.1");
  again.serve(1);
  for (const each of crowd) each.leave();
  const askedAt = servingLimits.rememberedMs + minuteMs;
  let meanwhile: ReturnType<typeof client> | undefined;
  at(askedAt, () => {
    meanwhile = client(seeder, "192.0.2.4");
    meanwhile.ask();
  });
  at(askedAt + minuteMs, () => {
    again.leave();
  });
  let after: ReturnType<typeof client> | undefined;
  at(askedAt + 2 * minuteMs + servingLimits.rememberedMs, () => {
    after = client(seeder, "192.0.2.5");
    after.ask();
  });
  until(askedAt + 3 * minuteMs + servingLimits.rememberedMs);
  expect(meanwhile?.told()).toEqual([["ws://192.0.2.1:1"]]);
  expect(after?.told()).toEqual([]);
});

it("A client that says again and again what it serves is turned away", () => {
  const { seeder } = stage();
  const { connection, serve } = client(seeder, "192.0.2.1");
  for (let port = 1; port <= 257; port += 1) serve(port);
  expect(connection.closed?.code).toBe(1008);
  expect(connection.of("error")).toMatchObject([{ code: "PEER_REJECTED" }]);
});
