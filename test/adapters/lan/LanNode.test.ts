import { createSocket } from "node:dgram";
import { once } from "node:events";
import { filter, firstValueFrom, map, NEVER, startWith, Subject, timeout } from "rxjs";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { LanNode } from "../../../src/adapters/lan/LanNode.js";
import { chance } from "../../chance.js";

const rootOf = (n: number): string => n.toString(16).padStart(64, "0");
const group = "224.0.0.251";

let port = 0;
beforeAll(async () => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  port = socket.address().port;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
});

/** A program on the network of this machine alone. */
const lan = (): LanNode => new LanNode({ interface: "127.0.0.1", port });

function announced(node: LanNode, at: number, ...roots: readonly string[]) {
  const sets = new Subject<ReadonlySet<string>>();
  const watch = node.announce(at, sets.pipe(startWith(new Set(roots)))).subscribe();
  onTestFinished(() => watch.unsubscribe());
  return { sets, watch };
}

/** The places of a file, until they are so many. */
const found = (node: LanNode, root: string, count: number) =>
  firstValueFrom(
    node.peers(root).pipe(
      map((list) => list.map(({ url }) => url).toSorted()),
      filter(({ length }) => length === count),
      timeout(10_000),
    ),
  );

it("Seeders of a file are found in the local network, those of others are not", async () => {
  announced(lan(), 7001, rootOf(1));
  announced(lan(), 7002, rootOf(1), rootOf(2));
  announced(lan(), 7003, rootOf(2));
  expect(await found(lan(), rootOf(1), 2)).toEqual(["ws://127.0.0.1:7001", "ws://127.0.0.1:7002"]);
  const [first] = await firstValueFrom(
    lan()
      .peers(rootOf(1))
      .pipe(filter(({ length }) => length > 0)),
  );
  expect(first).toMatchObject({ publicOnly: false, source: "lan" });
});

it("A seeder that comes later is heard of, and one that leaves says so", async () => {
  const lists: string[] = [];
  const watch = lan()
    .peers(rootOf(3))
    .subscribe((list) => lists.push(list.map(({ url }) => url).join()));
  onTestFinished(() => watch.unsubscribe());
  const seeder = announced(lan(), 7001, rootOf(3));
  await expect.poll(() => lists.at(-1)).toBe("ws://127.0.0.1:7001");
  seeder.watch.unsubscribe();
  await expect.poll(() => lists.at(-1)).toBe("");
});

it("A seeder that has other files then is there all the time", async () => {
  const lists: number[] = [];
  const seeder = announced(lan(), 7001, rootOf(4));
  const watcher = lan();
  const watch = watcher.peers(rootOf(4)).subscribe(({ length }) => lists.push(length));
  onTestFinished(() => watch.unsubscribe());
  await expect.poll(() => lists.at(-1)).toBe(1);
  const before = lists.length;
  seeder.sets.next(new Set([rootOf(4), rootOf(5)]));
  expect(await found(watcher, rootOf(5), 1)).toEqual(["ws://127.0.0.1:7001"]);
  expect(lists.slice(before)).not.toContain(0);
});

it("A network without seeders is told apart from one whose seeders have other files, and from one where the file is", async () => {
  const outcomes: string[] = [];
  const watch = lan()
    .peers(rootOf(9), ({ outcome }) => outcomes.push(outcome))
    .subscribe();
  onTestFinished(() => watch.unsubscribe());
  await expect.poll(() => outcomes.at(-1)).toBe("silent");
  const { sets } = announced(lan(), 7001, rootOf(10));
  await expect.poll(() => outcomes.at(-1)).toBe("unknown");
  sets.next(new Set([rootOf(9)]));
  await expect.poll(() => outcomes.at(-1)).toBe("found");
});

it("A program does not find itself", async () => {
  const own = lan();
  announced(own, 7001, rootOf(6));
  announced(lan(), 7002, rootOf(6));
  expect(await found(own, rootOf(6), 1)).toEqual(["ws://127.0.0.1:7002"]);
});

it("Messages of any shape harm nobody: seeders are found after them", async () => {
  const shouter = createSocket("udp4").bind(0, "127.0.0.1");
  await once(shouter, "listening");
  onTestFinished(() => void shouter.close());
  shouter.setMulticastInterface("127.0.0.1");
  const heard: Buffer[] = [];
  const listener = createSocket({ type: "udp4", reuseAddr: true }).bind(port);
  await once(listener, "listening");
  onTestFinished(() => void listener.close());
  listener.addMembership(group, "127.0.0.1");
  listener.on("message", (bytes) => heard.push(bytes));
  const watcher = lan();
  const watch = watcher.peers(rootOf(7)).subscribe();
  onTestFinished(() => watch.unsubscribe());
  announced(lan(), 7001, rootOf(7));
  await expect.poll(() => heard.length).toBeGreaterThan(1);
  const random = chance(7);
  for (const bytes of heard.slice(0, 10)) {
    for (let count = 0; count < 30; count++) {
      const copy = Uint8Array.from(bytes);
      for (let n = 0; n < 3; n++) copy[Math.floor(random() * copy.length)] = 256 * random();
      shouter.send(copy, port, group);
    }
  }
  announced(lan(), 7002, rootOf(7));
  const both = (urls: readonly string[]): boolean =>
    ["7001", "7002"].every((at) => urls.some((url) => url.endsWith(at)));
  await firstValueFrom(
    watcher.peers(rootOf(7)).pipe(
      map((list) => list.map(({ url }) => url)),
      filter(both),
      timeout(10_000),
    ),
  );
});

it("The socket is closed with the last subscription, and the port is free then", async () => {
  const own = lan();
  const watch = own.peers(rootOf(8)).subscribe();
  const seeder = own.announce(7001, NEVER.pipe(startWith(new Set([rootOf(8)])))).subscribe();
  await found(lan(), rootOf(8), 1);
  watch.unsubscribe();
  seeder.unsubscribe();
  const alone = async (): Promise<boolean> => {
    const socket = createSocket("udp4");
    const bound = await new Promise<boolean>((resolve) => {
      socket.once("error", () => resolve(false));
      socket.bind(port, "0.0.0.0", () => resolve(true));
    });
    socket.close();
    return bound;
  };
  await expect.poll(alone).toBe(true);
});

it("An interface that is no address is told at once", () => {
  expect(() => new LanNode({ interface: "eth0" })).toThrow(/interface is "eth0".*IPv4 address/);
});
