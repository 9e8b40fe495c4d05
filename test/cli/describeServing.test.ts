import { expect, it } from "vitest";
import { untilWhen } from "../../src/cli/seedWhile.js";
import { describeServing } from "../../src/cli/show/describeServing.js";
import { Served } from "../../src/cli/show/Served.js";
import type { AnnouncedEvent } from "../../src/seeder/Announcer.js";

const taken = (root: string, nodes: number): AnnouncedEvent => ({ type: "announced", by: "dht", root, nodes });
const failed = (root: string, message: string): AnnouncedEvent => ({ ...taken(root, 0), message });

it("An announcement is told once, with the path of its file, and a failure that many files share once for all", () => {
  const describe = describeServing((root) => (root === "ab" ? "films/a.mkv" : undefined));
  expect(describe(failed("ab", "nobody answers"))).toBe(
    "films/a.mkv is listed nowhere in the DHT: nobody answers; it is tried again every half minute",
  );
  expect(describe(failed("ab", "nobody answers"))).toBeUndefined();
  expect(describe(failed("cd", "nobody answers"))).toBeUndefined();
  expect(describe(taken("ab", 3))).toBe("films/a.mkv is listed by 3 nodes of the DHT");
  expect(describe(taken("ab", 4))).toBeUndefined();
  expect(describe(taken("cd", 1))).toBe("cd is listed by 1 node of the DHT");
  expect(describe({ type: "announced", by: "lan", root: "ab" })).toBe("films/a.mkv is announced on the local network");
  expect(describe({ type: "announced", by: "lan", root: "ab" })).toBeUndefined();
});

it("An outage of the DHT that comes again is told again, and so is its end", () => {
  const describe = describeServing();
  expect(describe(taken("ab", 3))).toContain("is listed by 3");
  expect(describe(failed("ab", "nobody answers"))).toContain("nobody answers");
  expect(describe(taken("ab", 3))).toContain("is listed by 3");
  expect(describe(failed("ab", "nobody answers"))).toContain("nobody answers");
});

it("A server on several addresses is told by all of them", () => {
  const urls = ["ws://10.0.0.5:7000", "ws://127.0.0.1:7000"];
  const text = describeServing()({ type: "listening", url: "ws://10.0.0.5:7000", urls, port: 7000 });
  expect(text).toBe("listening on ws://10.0.0.5:7000, ws://127.0.0.1:7000");
});

it("Whoever got something and is still there is told as one who was still being served", () => {
  const served = new Served();
  const got = (peer: string): void =>
    served.take({ type: "chunk-served", peer, root: "ab", index: 0, bytes: 1000, whole: true });
  expect(served.text).toBe("served 0 B");
  served.take({ type: "connection-opened", peer: "c:1" });
  got("a:1");
  got("b:1");
  got("b:1");
  expect(served.text).toBe("served 3.00 kB; 2 others were still being served");
  served.take({ type: "connection-closed", peer: "a:1" });
  expect(served.text).toBe("served 3.00 kB; 1 other was still being served");
});

it("A ratio without a time says that it may take any", () => {
  expect(untilWhen({})).toBe("until Ctrl-C");
  expect(untilWhen({ ratio: 2 })).toBe(
    "until 2 x the size is served, however long that takes; --seed-minutes sets an end to it",
  );
  expect(untilWhen({ ratio: 2, minutes: 5 })).toBe("until 2 x the size is served or 5 min 00 s have passed");
  expect(untilWhen({ minutes: 0.1 })).toBe("until 6.0 s have passed");
});
