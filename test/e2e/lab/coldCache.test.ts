import { describe, expect } from "vitest";
import type { Fault } from "./Exchange.js";
import { alter, alterHeaders } from "./faults/alter.js";
import { rate } from "./faults/pace.js";
import { ignoresRange } from "./faults/ranges.js";
import { first } from "./faults/repeats.js";
import { facts, it } from "./harness.js";
import { serve, withFaults } from "./serve.js";

const size = 8 * 1024 * 1024;

/** The whole file, by chunks, whatever is asked for, as Varnish sends it that has to undo what its origin compresses. */
const cold: Fault = (next) =>
  withFaults(
    next,
    ignoresRange(),
    alterHeaders(() => ({ "content-length": undefined })),
    alter((answer) => ({ ...answer, framing: "chunked" })),
  );

describe.concurrent("A cache that sends the whole by chunks once, and parts from then on,", () => {
  it("A cache that sends the whole by chunks once, and then parts, is a mirror like any other", async ({ lab }) => {
    const content = await lab.file(size);
    const cache = await lab.start(serve(content, facts, rate(1_000_000), first(1, cold)));
    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(get.all("notice").filter(({ message }) => message.includes("could not be continued"))).toEqual([]);
    expect(cache.asked.filter(({ range }) => range !== undefined).length).toBeGreaterThan(8);
  });

  it("A download from a cache that sends the whole once, and then parts, goes on after it was interrupted", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const server = await lab.start(serve(content, facts, rate(1_000_000), first(1, cold)));
    const one = lab.get();
    await server.until("half is served", ({ served }) => served >= 0.6 * size);
    expect(await one.kill("SIGINT")).toBe(130);
    const { served } = server;
    server.play(serve(content, facts, rate(1_000_000), first(1, cold)));
    const two = lab.get();
    expect([await two.ended(), two.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(server.served - served).toBeLessThan(0.7 * size);
  });

  it("A cache that sends the whole by chunks once, and then parts, is used beside another mirror", async ({ lab }) => {
    const content = await lab.file(size);
    const cache = await lab.start(serve(content, facts, rate(1_000_000), first(1, cold)));
    await lab.start(serve(content, facts, rate(1_000_000)));
    const get = lab.get();
    expect([await get.ended(), get.stderr, get.all("mirror-refused")]).toEqual([0, "", []]);
    expect(await lab.isRight()).toBe(true);
    expect(cache.served).toBeGreaterThan(0.2 * size);
  });
});
