import { describe, expect } from "vitest";
import { rate } from "./faults/pace.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const size = 6 * 1024 * 1024;

describe("a mirror that limits each connection", () => {
  it("A mirror that limits each connection is asked over several, until no more are allowed", async ({ lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(serve(content, facts, rate(400_000)));
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, server.open)), 20);
    const get = lab.get();
    expect(await get.ended()).toBe(0);
    clearInterval(watch);
    expect(await lab.isRight()).toBe(true);
    expect(most).toBeGreaterThanOrEqual(6);
    expect(lab.ratio).toBeLessThan(1.05);
  });
});
