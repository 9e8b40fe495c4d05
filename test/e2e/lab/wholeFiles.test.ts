import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { rate } from "./faults/pace.js";
import { ignoresRange } from "./faults/ranges.js";
import { facts, it } from "./harness.js";
import { metalinkOf } from "./metalinkOf.js";
import { serve } from "./serve.js";

const size = 4 * 1024 * 1024;
const bytesPerSecond = 2_000_000;

describe("Of two mirrors in one Metalink that send only whole files", () => {
  it("Of two mirrors that send only whole files one brings the file by one answer, and nobody hears of trouble", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    for (let i = 0; i < 2; i++) await lab.start(serve(content, facts, ignoresRange(), rate(bytesPerSecond)));
    const [first, ...more] = lab.servers.map(({ url }) => url);
    const path = join(lab.folder, "copy.meta4");
    await writeFile(path, metalinkOf(content, "copy", [first ?? "", ...more]));
    const get = lab.getBy(path);
    expect(await get.ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThan(1.1);
    expect([...get.all("recovering"), ...get.all("peer-excluded"), ...get.all("peer-blacklisted")]).toEqual([]);
  });
});

describe("A download from a server that sends only whole files", () => {
  it("A download from a server that sends only whole files goes on along one answer, which passes over what is here", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const server = await lab.start(serve(content, facts, ignoresRange(), rate(bytesPerSecond)));
    const first = lab.get();
    await first.until("a part of a chunk is there", () => server.served > 0.4 * size);
    await first.kill("SIGINT");
    const before = server.served;
    const get = lab.get();
    expect(await get.ended()).toBe(0);
    expect(await lab.isRight()).toBe(true);
    expect((server.served - before) / size).toBeLessThan(1.3);
  });
});
