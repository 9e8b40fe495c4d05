import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { metalinkOf, mirrorBrain } from "./metalinkOf.js";
import type { Content } from "./content.js";
import { corrupted, syntheticContent } from "./content.js";
import type { Handler } from "./Exchange.js";
import { neverAnswers } from "./faults/framing.js";
import { rate, slowsTo, stalls } from "./faults/pace.js";
import { busy, htmlPage, status } from "./faults/statuses.js";
import { facts, it } from "./harness.js";
import { serve } from "./serve.js";

const MiB = 1024 * 1024;
const size = 4 * MiB;

interface Case {
  readonly title: string;
  readonly first: (content: Content) => Handler;
  readonly ratio: number;
  /** Requests that the bad mirror hears at most. */
  readonly requests: number;
}

const cases: readonly Case[] = [
  {
    title: "stalls",
    first: (content) => serve(content, facts, stalls({ afterBytes: 300_000 })),
    ratio: 1.1,
    requests: 24,
  },
  { title: "serves 20 KB/s", first: (content) => serve(content, facts, slowsTo(20_000)), ratio: 1.1, requests: 12 },
  { title: "never answers", first: (content) => serve(content, facts, neverAnswers()), ratio: 1.05, requests: 6 },
  { title: "is 404", first: (content) => serve(content, facts, status(404)), ratio: 1.05, requests: 4 },
  { title: "is always 503", first: (content) => serve(content, facts, status(503)), ratio: 1.05, requests: 6 },
  {
    title: "is busy for a minute",
    first: (content) => serve(content, facts, busy(503, 60)),
    ratio: 1.05,
    requests: 1,
  },
  {
    title: "is busy for an hour",
    first: (content) => serve(content, facts, busy(503, 3600)),
    ratio: 1.05,
    requests: 2,
  },
  { title: "answers 200 with a page", first: (content) => serve(content, facts, htmlPage()), ratio: 1.05, requests: 3 },
];

describe.concurrent("of two mirrors the second is enough when the first", () => {
  it.for(cases)("$title", async ({ first, ratio, requests }, { lab }) => {
    const content = await lab.file(size);
    const bad = await lab.start(first(content));
    await lab.serve();
    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThanOrEqual(ratio);
    expect(bad.requests).toBeLessThanOrEqual(requests);
    expect(bad.hasty).toBe(0);
  });
});

describe.concurrent("two mirrors", () => {
  it("Two mirrors of which the first corrupts bytes give the file, and the first is not asked again", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const bad = await lab.start(serve(corrupted(content, 100_000), facts, rate(8_000_000)));
    const good = await lab.serve();
    const metalink = join(lab.folder, "file.meta4");
    await writeFile(metalink, metalinkOf(content, "copy", [bad.url, good.url]));
    const get = lab.getBy(metalink);
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(get.all("peer-quarantined").map(({ peer }) => peer)).toEqual([bad.url]);
    expect(lab.ratio).toBeLessThanOrEqual(1.15);
  });

  it("Two mirrors of a Metalink as MirrorBrain writes it, with pieces of SHA-1, give the file though the first corrupts bytes", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const bad = await lab.start(serve(corrupted(content, 100_000), facts, rate(8_000_000)));
    const good = await lab.serve();
    const metalink = join(lab.folder, "file.meta4");
    await writeFile(metalink, metalinkOf(content, "copy", [bad.url, good.url], mirrorBrain));
    const get = lab.getBy(metalink);
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(get.all("peer-quarantined").map(({ peer }) => peer)).toEqual([bad.url]);
    expect(get.all("download-completed")[0]?.account).toMatchObject({
      integrity: "file",
      checks: { chunks: "sha-1", whole: "sha-256" },
    });
    expect(lab.ratio).toBeLessThanOrEqual(1.15);
  });

  it("Two mirrors that have two files of one size are told apart, and one of them comes whole", async ({ lab }) => {
    const content = await lab.file(size);
    const other = syntheticContent(size, 2);
    await lab.start(serve(other, { etag: '"v2"', lastModified: "Sun, 02 Jan 2022 00:00:00 GMT" }, rate(8_000_000)));
    await lab.serve();
    const get = lab.get();
    expect(await get.ended()).toBe(0);
    const got = await readFile(lab.out);
    expect([content, other].some((file) => got.equals(file.read(0, size)))).toBe(true);
    expect(get.all("mirror-refused").map(({ code }) => code)).toEqual(["RESOURCE_CHANGED"]);
    expect(get.all("mirror-refused")[0]?.message).toContain("another file");
  });
});

describe("an only source that corrupts bytes", () => {
  it("An only source that corrupts bytes makes the download fail within two requests a chunk", async ({ lab }) => {
    const content = await lab.file(size);
    const bad = await lab.start(serve(corrupted(content, 100_000), facts, rate(8_000_000)));
    const metalink = join(lab.folder, "file.meta4");
    await writeFile(metalink, metalinkOf(content, "copy", [bad.url]));
    const get = lab.getBy(metalink);
    expect(await get.ended()).toBe(4);
    expect(await lab.hasFile()).toBe(false);
    expect(lab.requests).toBeLessThanOrEqual(2 * 16);
    expect(lab.ratio).toBeLessThanOrEqual(2);
  });
});
