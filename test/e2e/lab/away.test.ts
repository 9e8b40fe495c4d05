import { describe, expect } from "vitest";
import { afterwards, first } from "./faults/repeats.js";
import { busy } from "./faults/statuses.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const size = 2 * 1024 * 1024;
const hour = busy(429, 3600);

describe.concurrent("A mirror that asks to be left alone for an hour", () => {
  it("A mirror that asks for an hour ends a download that has nobody else at once, with what came, and says when to ask again", async ({
    lab,
  }) => {
    await lab.file(size);
    const server = await lab.serve(afterwards(3, serve(lab.content, facts, hour)));
    const get = lab.get();
    expect(await get.ended()).toBe(3);
    expect(get.stderr).toContain("ask again in 1 h 00 min");
    expect(get.all("download-failed")).toMatchObject([{ code: "RATE_LIMITED", resumable: true }]);
    expect(get.account.done).toBeGreaterThan(0);
    server.play(serve(lab.content, facts));
    expect(await lab.get().ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThan(1.2);
  });

  it("A mirror that asks for an hour at the first question ends the download at once", async ({ lab }) => {
    await lab.file(size);
    await lab.serve(hour);
    const get = lab.get();
    expect(await get.ended()).toBe(3);
    expect(get.stderr).toContain("answered with HTTP 429; ask again in 1 h 00 min");
    expect(lab.requests).toBe(1);
  });

  it("A mirror that asks for an hour is asked no more, and the other one brings the file", async ({ lab }) => {
    await lab.file(size);
    const away = await lab.serve(afterwards(4, serve(lab.content, facts, hour)));
    await lab.serve();
    expect(await lab.get().ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
    expect(away.requests).toBeLessThanOrEqual(4 + 8);
  });

  it("A mirror that asks for an hour at the first question is not waited for where another one has the file", async ({
    lab,
  }) => {
    await lab.file(size);
    const away = await lab.serve(first(9, hour));
    await lab.serve();
    expect(await lab.get().ended()).toBe(0);
    expect([await lab.isRight(), away.requests]).toEqual([true, 1]);
  });
});
