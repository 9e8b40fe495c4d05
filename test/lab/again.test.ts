import { describe, expect } from "vitest";
import { syntheticContent } from "./content.js";
import { it } from "./harness.js";
import { serve } from "./serve.js";

const size = 8 * 1024 * 1024;

describe.concurrent("a download from a mirror", () => {
  it("that was killed half way goes on, with at most a twentieth served twice", async ({ lab }) => {
    await lab.file(size);
    const server = await lab.serve();
    const first = lab.get();
    await server.until("half is served", ({ served }) => served >= size / 2);
    await first.kill("SIGKILL");
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThanOrEqual(1.05);
  });

  it("mixes nothing when the file was replaced before it goes on", async ({ lab }) => {
    await lab.file(size);
    const server = await lab.serve();
    const first = lab.get();
    await server.until("half is served", ({ served }) => served >= size / 2);
    await first.kill("SIGKILL");
    const other = syntheticContent(size, 2);
    server.play(serve(other, { etag: '"v2"', lastModified: "Sun, 02 Jan 2022 00:00:00 GMT" }));
    const second = lab.get();
    expect(await second.ended()).toBe(4);
    expect(second.all("download-failed").map(({ code }) => code)).toEqual(["RESOURCE_CHANGED"]);
    expect(await lab.hasFile()).toBe(false);
  });

  it("that is done fetches nothing when it is asked for again", async ({ lab }) => {
    await lab.file(size / 8);
    const server = await lab.serve();
    expect(await lab.get().ended()).toBe(0);
    const { served } = server;
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(server.served - served).toBeLessThanOrEqual(1024);
    expect(await lab.isRight()).toBe(true);
  });

  it("gets a file of no bytes", async ({ lab }) => {
    await lab.file(0);
    await lab.serve();
    expect(await lab.get().ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
  });
});
