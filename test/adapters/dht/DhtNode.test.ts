import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { filter, firstValueFrom, map, NEVER, type Observable, startWith, Subject, take, timeout, toArray } from "rxjs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { DhtNode, dhtPeers } from "../../../src/adapters/dht/DhtNode.js";
import { rootKey } from "../../../src/adapters/network/rootKey.js";
import type { DhtOptions } from "../../../src/adapters/dht/DhtOptions.js";
import { toHex } from "../../../src/manifest/hex.js";
import type { SearchNews } from "../../../src/peers/SearchNews.js";
import { chance } from "../../chance.js";
import { loopbackTable, type LoopbackTable } from "./loopbackTable.js";

const limit = 10_000;
const rootOf = (n: number): string => n.toString(16).padStart(64, "0");
const only = (...roots: readonly string[]): Observable<ReadonlySet<string>> =>
  NEVER.pipe(startWith<ReadonlySet<string>>(new Set(roots)));

let table: LoopbackTable;
beforeEach(async () => {
  table = await loopbackTable();
  return () => table.close();
});

const node = (options: DhtOptions = {}): DhtNode => new DhtNode({ bootstrap: table.bootstrap, ...options });

/** Announces until the test is over; resolves when it is listed. */
async function announced(of: DhtNode, port: number, root: string): Promise<void> {
  const events = of.announce(port, only(root));
  const told = new Subject<number>();
  const first = firstValueFrom(
    told.pipe(
      filter((nodes) => nodes > 0),
      timeout(limit),
    ),
  );
  const watch = events.subscribe(({ nodes = 0 }) => told.next(nodes));
  onTestFinished(() => watch.unsubscribe());
  await first;
}

/** The first list of so many places. */
const found = (of: DhtNode, root: string, count: number) =>
  firstValueFrom(
    of.peers(root).pipe(
      filter((list) => list.length >= count),
      map((list) => list.map(({ url }) => url).toSorted()),
      timeout(limit),
    ),
  );

/** True when a node at a port answers within so many milliseconds. */
async function answers(port: number, withinMs = 200): Promise<boolean> {
  const socket = createSocket("udp4");
  socket.send("d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe", port, "127.0.0.1");
  const heard = await once(socket, "message", { signal: AbortSignal.timeout(withinMs) }).then(
    () => true,
    () => false,
  );
  socket.close();
  return heard;
}

/** A UDP socket that sends this to whoever sends anything. */
async function answering(answer: (asked: Buffer) => Uint8Array): Promise<Socket> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.on("message", (asked, from) => socket.send(answer(asked), from.port, from.address));
  onTestFinished(() => void socket.close());
  return socket;
}

describe("a node of the DHT", () => {
  it("The key of a file is the SHA-1 of the bytes of its root", () => {
    expect(toHex(rootKey("00".repeat(32)))).toBe("de8a847bff8c343d69b853a215e6ee775ef2ef96");
  });

  it("Seeders that are announced are found by the root alone, at the addresses that they are bound to", async () => {
    const root = rootOf(1);
    await announced(node({ host: "127.0.0.2" }), 7001, root);
    await announced(node({ host: "127.0.0.3" }), 7002, root);
    expect(await found(node(), root, 2)).toEqual(["ws://127.0.0.2:7001", "ws://127.0.0.3:7002"]);
    expect(await firstValueFrom(dhtPeers(root, { bootstrap: table.bootstrap }).pipe(timeout(limit)))).toMatchObject([
      { publicOnly: false, source: "dht" },
    ]);
  });

  it("A node does not find what it announces itself", async () => {
    const root = rootOf(2);
    const own = node({ host: "127.0.0.2" });
    await announced(own, 7001, root);
    await announced(node({ host: "127.0.0.3" }), 7001, root);
    expect(await found(own, root, 1)).toEqual(["ws://127.0.0.3:7001"]);
  });

  it("A table of one node, which is entered by itself, lists what that node announces", async () => {
    const port = await freeUdpPort();
    const alone = [`127.0.0.2:${port}`];
    await announced(new DhtNode({ bootstrap: alone, host: "127.0.0.2", port }), 7001, rootOf(10));
    expect(await found(new DhtNode({ bootstrap: alone }), rootOf(10), 1)).toEqual(["ws://127.0.0.2:7001"]);
  });

  it("A hundred files are announced, a few at a time", async () => {
    const roots = Array.from({ length: 100 }, (_, n) => rootOf(1000 + n));
    const events = node({ host: "127.0.0.2" }).announce(7001, only(...roots));
    const told = await firstValueFrom(events.pipe(take(100), toArray(), timeout(limit)));
    expect(new Set(told.filter(({ nodes = 0 }) => nodes > 0).map(({ root }) => root)).size).toBe(100);
  });

  it("A file that is not served any more is not announced again", async () => {
    const roots = new Subject<ReadonlySet<string>>();
    const seen: string[] = [];
    const watch = node({ host: "127.0.0.2" })
      .announce(7001, roots)
      .subscribe(({ root }) => seen.push(root));
    onTestFinished(() => watch.unsubscribe());
    const [a, b] = [rootOf(3), rootOf(4)];
    await expect.poll(() => roots.observed).toBe(true);
    roots.next(new Set([a]));
    roots.next(new Set([b]));
    await expect.poll(() => seen).toEqual([b]);
  });

  it("The socket is closed with the last that is looked for or announced, and another one is opened then", async () => {
    const port = await freeUdpPort();
    const own = node({ host: "127.0.0.1", port });
    for (let round = 0; round < 2; round++) {
      const [a, b] = [own.peers(rootOf(5)).subscribe(), own.announce(7001, only(rootOf(5))).subscribe()];
      await expect.poll(() => answers(port)).toBe(true);
      a.unsubscribe();
      expect(await answers(port)).toBe(true);
      b.unsubscribe();
      await expect.poll(() => answers(port)).toBe(false);
    }
  });

  it("A node that is left while it opens leaves no socket", async () => {
    const port = await freeUdpPort();
    const own = node({ host: "127.0.0.1", port });
    own.peers(rootOf(5)).subscribe().unsubscribe();
    const stays = node().peers(rootOf(5)).subscribe();
    onTestFinished(() => stays.unsubscribe());
    await announced(node({ host: "127.0.0.3" }), 7003, rootOf(5));
    expect(await answers(port)).toBe(false);
  });

  it("A port that is taken is told with its number", async () => {
    const socket = await answering((asked) => asked);
    const { port } = socket.address();
    const failed = firstValueFrom(node({ host: "127.0.0.1", port }).peers(rootOf(6)));
    await expect(failed).rejects.toThrow(`cannot listen on 127.0.0.1 port ${port}: the port is in use (UDP`);
  });

  it("Nodes that are gone delay no place that others tell", async () => {
    const root = rootOf(7);
    await announced(node({ host: "127.0.0.2" }), 7001, root);
    const bootstrap = [`127.0.0.1:${await freeUdpPort()}`, ...table.bootstrap];
    const startedAt = performance.now();
    expect(await found(node({ bootstrap }), root, 1)).toEqual(["ws://127.0.0.2:7001"]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("Nodes of which none answers are told each with its reason, to whoever looks and to whoever announces", async () => {
    const [gone, unknown] = [`127.0.0.1:${await freeUdpPort()}`, "no-such-host.localhost.invalid:6881"];
    const silent = new DhtNode({ bootstrap: [gone, unknown], host: "0.0.0.0" });
    const why =
      /^no node of the DHT answers \(127.0.0.1:\d+: .*, no-such-host.localhost.invalid:6881: .*\); expected one that runs/;
    const news = new Subject<SearchNews>();
    const heard = firstValueFrom(news.pipe(timeout(limit)));
    const watch = silent.peers(rootOf(11), (each) => news.next(each)).subscribe();
    onTestFinished(() => watch.unsubscribe());
    expect(await heard).toEqual({ by: "dht", outcome: "silent", message: expect.stringMatching(why) as string });
    const event = await firstValueFrom(silent.announce(7001, only(rootOf(11))).pipe(timeout(limit)));
    expect(event).toMatchObject({ nodes: 0, message: expect.stringMatching(why) as string });
  });

  it("A table that answers and lists nobody is told apart from one that is silent", async () => {
    const news = new Subject<SearchNews>();
    const heard = firstValueFrom(news.pipe(timeout(limit)));
    const watch = node()
      .peers(rootOf(12), (each) => news.next(each))
      .subscribe();
    onTestFinished(() => watch.unsubscribe());
    expect(await heard).toMatchObject({
      outcome: "unknown",
      message: expect.stringMatching(/^the DHT answers, and lists nobody/) as string,
    });
  });

  it("A node that answers nonsense harms nothing: others are heard", async () => {
    const root = rootOf(8);
    await announced(node({ host: "127.0.0.2" }), 7001, root);
    const garbage = bytesBy(chance(8));
    const liars = await Promise.all([
      answering(() => garbage(300)),
      answering(() => garbage(1)),
      answering((asked) => asked),
    ]);
    const named = liars.map((liar) => `127.0.0.1:${liar.address().port}`);
    expect(await found(node({ bootstrap: [...named, ...table.bootstrap] }), root, 1)).toEqual(["ws://127.0.0.2:7001"]);
  });
});

const bytesBy =
  (random: () => number) =>
  (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => 256 * random());

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

describe("options of a node", () => {
  it.each([
    [{ bootstrap: ["nowhere"] }, /bootstrap is "nowhere"; it must be HOST:PORT/],
    [{ bootstrap: [] }, /bootstrap/],
    [{ bootstrap: ["a:70000"] }, /70000/],
    [{ host: "::1" }, /host.*IPv4/],
    [{ port: 70_000 }, /port.*65535/],
    [{ host: "127.0.0.1" }, /host is 127.0.0.1, which this machine alone reaches/],
    [{ host: "127.0.0.1", bootstrap: ["10.0.0.1:6881", "localhost:1"] }, /host is 127.0.0.1/],
    [{ host: "127.0.0.1", bootstrap: ["127.example.org:6881"] }, /host is 127.0.0.1/],
  ])("Options that cannot be are told at once: %o", (options, message) => {
    expect(() => new DhtNode(options)).toThrow(message);
  });

  it("A node on this machine may have any of its addresses", () => {
    expect(() => new DhtNode({ host: "127.0.0.5", bootstrap: ["localhost:6881"] })).not.toThrow();
  });
});
