import { describe, expect } from "vitest";
import type { Fault } from "./Exchange.js";
import { hangsUp, spendsConnections, takes } from "./faults/limits.js";
import { rate } from "./faults/pace.js";
import { status } from "./faults/statuses.js";
import { facts, it, type Lab } from "./harness.js";
import { serve } from "./serve.js";

const size = 8 * 1024 * 1024;
const chunkBytes = 256 * 1024;

describe("A fast mirror behind nine slow ones", () => {
  it("A fast mirror behind nine slow ones brings nearly all of the file", async ({ lab }) => {
    const content = await lab.file(size);
    for (let i = 0; i < 9; i++) await lab.start(serve(content, facts, rate(20_000)));
    const fast = await lab.start(serve(content, facts, rate(2_000_000)));
    const get = lab.get();
    expect(await get.ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
    expect(fast.served).toBeGreaterThan(0.85 * size);
    expect(lab.ratio).toBeLessThan(1.1);
  });
});

describe.concurrent(
  "A mirror that serves one request at once is left to it after a handful of refusals, where it answers more with",
  () => {
    it.for<readonly [string, Fault]>([
      ["503", status(503)],
      ["429", status(429)],
      ["a reset", hangsUp()],
    ])("%s", async ([, refusal], { lab }) => {
      const content = await lab.file(size);
      let refused = 0;
      const counted: Fault = (next) => (ask) => {
        refused += 1;
        return refusal(next)(ask);
      };
      await lab.start(serve(content, facts, rate(2_000_000), takes(1, counted)));
      const get = lab.get();
      expect(await get.ended()).toBe(0);
      expect(await lab.isRight()).toBe(true);
      // Those of the eight connections that a file of this size begins with, and one that is tried later.
      expect(refused).toBeLessThanOrEqual(12);
      expect(get.all("peer-busy")).toEqual([]);
    });
  },
);

/** The file from a server that serves so many requests at once, and answers more so; and how many it refused. */
async function fromCeiling(lab: Lab, most: number, refusal: Fault) {
  const content = await lab.file(size);
  let refused = 0;
  const counted: Fault = (next) => (ask) => {
    refused += 1;
    return refusal(next)(ask);
  };
  await lab.start(serve(content, facts, rate(2_000_000), takes(most, counted)));
  const get = lab.get();
  return { get, exit: await get.ended(), refused };
}

const ceilings = [1, 2].flatMap((most) => [400, 401, 403, 404, 420].map((code) => ({ most, code })));

describe.concurrent("A mirror that serves so many requests at once is asked for no more, where it says", () => {
  it.for(ceilings)("$code to more than $most", async ({ most, code }, { lab }) => {
    const { get, exit, refused } = await fromCeiling(lab, most, status(code));
    expect([exit, get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(refused).toBeLessThanOrEqual(10);
    expect(get.all("peer-excluded")).toEqual([]);
  });
});

describe("A mirror that answers 503 to the second request of each connection", () => {
  it("A mirror that is busy to the second request of a connection is asked over new ones, and nobody hears of it", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const server = await lab.start(serve(content, facts, spendsConnections(status(503))));
    const get = lab.get();
    expect(await get.ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
    expect([...get.all("peer-busy"), ...get.all("attempt-failed")]).toEqual([]);
    // One refusal for each part, and the comparisons before the download.
    expect(server.requests).toBeLessThanOrEqual(2 * (size / chunkBytes) + 12);
  });
});
