import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { metalinkOf } from "./metalinkOf.js";
import { syntheticContent } from "./content.js";
import { it } from "./harness.js";
import { serve } from "./serve.js";

const KiB = 1024;
const size = 8 * 1024 * KiB;
/** Eight requests of a chunk each, of which nothing may be left. */
const inFlight = 8 * 256 * KiB;
/** What is asked of a mirror to know its file again. */
const questions = 16 * KiB;

describe.concurrent("a download from a mirror", () => {
  it("A download that was killed half way goes on: of what was verified, nothing comes again", async ({ lab }) => {
    const content = await lab.file(4 * size);
    const server = await lab.serve();
    const metalink = join(lab.folder, "file.meta4");
    await writeFile(metalink, metalinkOf(content, "copy", [server.url]));
    const first = lab.getBy(metalink);
    await server.until("half is served", ({ served }) => served >= 2 * size);
    await first.kill("SIGKILL");
    const second = lab.getBy(metalink);
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    // What the sockets held when it was killed was served as well.
    expect(server.served).toBeLessThanOrEqual(4 * size + 3 * inFlight);
  });

  it("A download that was killed half way goes on without digests, too, where the checkpoint says", async ({ lab }) => {
    await lab.file(size);
    const server = await lab.serve();
    const first = lab.get();
    await server.until("half is served", ({ served }) => served >= size / 2);
    await first.until("a checkpoint is saved", () => first.all("checkpoint-saved").some(({ done }) => done > 0));
    await first.kill("SIGKILL");
    const had = Math.max(...first.all("checkpoint-saved").map(({ done }) => done));
    await server.until("nobody is there", ({ open }) => open === 0);
    const { served } = server;
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(server.served - served).toBeLessThanOrEqual(size - had + questions);
  });

  it("A download mixes nothing when the file was replaced before it goes on", async ({ lab }) => {
    await lab.file(size);
    const server = await lab.serve();
    const first = lab.get();
    await server.until("half is served", ({ served }) => served >= size / 2);
    await first.kill("SIGINT");
    const other = syntheticContent(size, 2);
    server.play(serve(other, { etag: '"v2"', lastModified: "Sun, 02 Jan 2022 00:00:00 GMT" }));
    const second = lab.get();
    expect(await second.ended()).toBe(0);
    expect((await readFile(lab.out)).equals(other.read(0, size))).toBe(true);
  });

  it("A download that is done fetches nothing but samples when it is asked for again", async ({ lab }) => {
    await lab.file(size);
    const server = await lab.serve();
    expect(await lab.get().ended()).toBe(0);
    const { served } = server;
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(server.served - served).toBeLessThanOrEqual(questions);
    expect(await lab.isRight()).toBe(true);
  });

  it("A download gets a file of no bytes", async ({ lab }) => {
    await lab.file(0);
    await lab.serve();
    expect(await lab.get().ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
  });
});
