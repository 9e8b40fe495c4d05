import { describe, expect } from "vitest";
import { ignoresRange } from "./faults/ranges.js";
import { status } from "./faults/statuses.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const size = 1024 * 1024;

describe.concurrent("What is told is known to be true:", () => {
  it("A file that is here, of which a server tells nothing but the size, may be the same", async ({ lab }) => {
    const content = await lab.file(size);
    await lab.start(serve(content, {}, ignoresRange()));
    expect(await lab.get().ended()).toBe(0);
    const again = lab.get();
    expect(await again.ended()).toBe(7);
    expect(again.stderr).toContain("has the size of the file, but whether it is the same cannot be told");
    expect(await lab.isRight()).toBe(true);
  });

  it("A file that is here, of which a server that sends only the whole tells a date, is the same", async ({ lab }) => {
    const content = await lab.file(size);
    await lab.start(serve(content, { lastModified: facts.lastModified }, ignoresRange()));
    expect(await lab.get().ended()).toBe(0);
    const again = lab.get();
    expect([await again.ended(), again.stderr]).toEqual([0, ""]);
  });

  it("A mirror that only lacks ranges has no other file", async ({ lab }) => {
    await lab.file(size);
    await lab.serve(ignoresRange());
    await lab.serve();
    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(get.all("mirror-refused").map(({ code }) => code)).toEqual(["CHUNK_NOT_AVAILABLE"]);
  });

  it("An address that is refused may want a token, and that is told once", async ({ lab }) => {
    await lab.file(size);
    const server = await lab.serve(status(403));
    const get = lab.get();
    expect(await get.ended()).toBe(6);
    expect(get.stderr).toBe(
      `tributary: ${server.url} answered with HTTP 403; if it wants a token, give that with --token HOST=SECRET\n`,
    );
    expect(get.all("mirror-refused")).toEqual([]);
  });
});
