import { expect, it } from "vitest";
import { scopeOf } from "../../src/adapters/network/scopeOf.js";
import { ToldPlaces, toldLimits } from "../../src/discovery/ToldPlaces.js";
import type { NamedAddress } from "../../src/peers/NamedAddress.js";

/** What is heard of in a test's own time. */
function stage() {
  let now = 0;
  const told = new ToldPlaces({ now: () => now, scopeOf });
  const lists: (readonly NamedAddress[])[] = [];
  told.places.subscribe((list) => lists.push(list));
  const hear = (places: readonly string[], teller = "ws://teller", address = "198.51.100.1"): void =>
    told.hear({ teller, remote: { address, scope: scopeOf(address) }, places });
  return {
    told,
    hear,
    lists,
    here: () => lists.at(-1)?.map(({ url }) => url),
    pass: (ms: number) => void (now += ms),
  };
}

const hosts = (count: number, net = 0): readonly string[] =>
  Array.from({ length: count }, (_, n) => `ws://203.0.${net}.${n}:7001`);

it("A place that is told of is one of exchange, which may lead to the public network only", () => {
  const { hear, lists } = stage();
  hear(["ws://203.0.113.1:7001", "wss://[2001:db8::1]:443"]);
  expect(lists.at(-1)).toEqual([
    { url: "ws://203.0.113.1:7001", publicOnly: true, source: "exchange" },
    { url: "wss://[2001:db8::1]", publicOnly: true, source: "exchange" },
  ]);
});

it.each([
  "ws://peer.example:7001",
  "http://203.0.113.1:7001",
  "ws://203.0.113.1:7001/path",
  "ws://user@203.0.113.1:7001",
  "ws://203.0.113.1:0",
  "ws://203.0.113.1:99999",
  "ws://[::1",
  "203.0.113.1:7001",
  "",
])("A place that is %j is passed over, and those beside it are not", (text) => {
  const { hear, here } = stage();
  hear([text, "ws://203.0.113.2:7001"]);
  expect(here()).toEqual(["ws://203.0.113.2:7001"]);
});

it("A place that only means something where its teller is not is passed over, however it is written", () => {
  const local = ["ws://127.0.0.1:1", "ws://0x7f.1:2", "ws://2130706433:3", "ws://[::1]:4", "ws://[::ffff:127.0.0.1]:5"];
  const near = ["ws://10.0.0.1:1", "ws://192.168.1.1:1", "ws://[fe80::1]:1", "ws://169.254.169.254:80"];
  const heardBy = (address: string): number | undefined => {
    const { hear, here } = stage();
    hear([...local, ...near, "ws://0.0.0.0:1"], "ws://teller", address);
    return here()?.length;
  };
  expect(heardBy("198.51.100.1")).toBe(0);
  expect(heardBy("10.0.0.7")).toBe(near.length);
  expect(heardBy("127.0.0.1")).toBe(local.length + near.length + 1);
});

it("A teller whose address nobody knows is taken to be out there", () => {
  const { told, here } = stage();
  told.hear({ teller: "ws://teller", remote: undefined, places: ["ws://10.0.0.1:1", "ws://203.0.113.1:1"] });
  expect(here()).toEqual(["ws://203.0.113.1:1"]);
});

it("A teller of thousands is heard once in half a minute, and of it 50 places", () => {
  const { hear, here, lists, pass } = stage();
  for (let net = 0; net < 100; net += 1) hear(hosts(200, net));
  expect(here()).toEqual(hosts(50));
  expect(lists).toHaveLength(2);
  hear(hosts(10, 7), "ws://other");
  expect(here()).toHaveLength(60);
  pass(toldLimits.tellerMs);
  hear(hosts(200, 8));
  expect(here()).toHaveLength(100);
});

it("A place that nobody told of for five minutes makes room for a new one; the others stay, whoever tells of more", () => {
  const { hear, here, pass } = stage();
  hear(hosts(50), "ws://a");
  hear(hosts(50, 1), "ws://b");
  pass(toldLimits.staleMs - 1);
  hear(hosts(49), "ws://a");
  hear(["ws://203.0.113.1:1"], "ws://c");
  expect(here()).not.toContain("ws://203.0.113.1:1");
  pass(toldLimits.tellerMs);
  hear(["ws://203.0.113.1:1"], "ws://c");
  expect(here()).toHaveLength(100);
  expect(here()).toContain("ws://203.0.113.1:1");
  expect(here()).not.toContain(hosts(50).at(-1));
});

it("A place that did not answer is gone, and is not taken again for ten minutes", () => {
  const { told, hear, here, pass } = stage();
  hear(hosts(2));
  told.unanswered("ws://203.0.0.0:7001");
  pass(toldLimits.refusedMs - 1);
  hear(hosts(2));
  expect(here()).toEqual(["ws://203.0.0.1:7001"]);
  pass(toldLimits.tellerMs);
  hear(hosts(2));
  expect(here()).toHaveLength(2);
});

it("A place that did not answer, and has come itself, is taken when it tells of itself; others that did not answer are not", () => {
  const { told, hear, here } = stage();
  const [first = "", second = ""] = hosts(2);
  hear([first, second]);
  told.unanswered(first);
  told.unanswered(second);
  told.came(second);
  hear([first], first, "203.0.0.0");
  hear([second], second, "203.0.0.1");
  expect(here()).toEqual([second]);
});

it("Places that are recalled are taken though they did not answer, as peers of an earlier run", () => {
  const { told, here, lists } = stage();
  const near = ["ws://10.0.0.7:1", "ws://203.0.113.1:1"];
  told.recall(near);
  for (const place of near) told.unanswered(place);
  expect(here()).toEqual([]);
  told.recall([...near, "ws://peer.example:1"]);
  expect(here()).toEqual(near);
  expect(lists.at(-1)?.map(({ source }) => source)).toEqual(["record", "record"]);
});
