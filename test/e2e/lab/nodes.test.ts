import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { Content } from "./content.js";
import { syntheticContent } from "./content.js";
import type { Fault, Handler } from "./Exchange.js";
import { rate } from "./faults/pace.js";
import { inTurn } from "./faults/repeats.js";
import { etagOfEach, ignoresIfMatch, refusesIfMatch, weakEtag } from "./faults/validators.js";
import { facts, it } from "./harness.js";
import { type Facts, serve } from "./serve.js";

const size = 8 * 1024 * 1024;
const speed = rate(2_000_000);
/** Eight connections were dropped for a look, and what they held was served as well. */
const mostTwice = 1.75;

interface Nodes {
  readonly title: string;
  readonly handler: (content: Content) => Handler;
}

const dated = (day: number): string => `Sat, 0${day} Jan 2022 00:00:00 GMT`;

/** Two servers of one file that tell of it otherwise. */
const two =
  (a: Facts, b: Facts, ...faults: readonly Fault[]) =>
  (content: Content): Handler =>
    inTurn(serve(content, a, ...faults, speed), serve(content, b, ...faults, speed));

const cases: readonly Nodes[] = [
  {
    title: "two servers whose ETags have the inode in them (lighttpd)",
    handler: two(
      { etag: '"11-1"', lastModified: dated(1) },
      { etag: '"12-1"', lastModified: dated(1) },
      ignoresIfMatch(),
    ),
  },
  {
    title: "two servers whose files are two seconds apart (nginx)",
    handler: two(
      { etag: '"1-1"', lastModified: dated(1) },
      { etag: '"2-1"', lastModified: "Sat, 01 Jan 2022 00:00:02 GMT" },
    ),
  },
  {
    title: "two servers that tell nothing but dates, two seconds apart",
    handler: two({ lastModified: dated(1) }, { lastModified: "Sat, 01 Jan 2022 00:00:02 GMT" }),
  },
  {
    title: "a server that answers 412 to every If-Match",
    handler: (content) => serve(content, facts, refusesIfMatch(), speed),
  },
  {
    title: "three servers with ETags of their own",
    handler: (content) => {
      const at = (n: number): Handler => serve(content, { etag: `"${n}"`, lastModified: dated(n) }, speed);
      return inTurn(at(1), at(2), at(3));
    },
  },
  {
    title: "a server with another strong ETag in each answer",
    handler: (content) => serve(content, facts, etagOfEach(), speed),
  },
  { title: "a server with one weak ETag", handler: (content) => serve(content, facts, weakEtag("x"), speed) },
];

describe.concurrent("a file is got whole, and once, from an address behind which is", () => {
  it.for(cases)("$title", async ({ handler }, { lab }) => {
    await lab.start(handler(await lab.file(size)));
    const get = lab.get();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThan(mostTwice);
    expect(get.all("file-changed")).toEqual([]);
    expect(get.all("attempt-failed").filter(({ code }) => code === "PEER_UNAVAILABLE")).toEqual([]);
  });

  it.for(cases)("$title, when the download goes on", async ({ handler }, { lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(handler(content));
    const first = lab.get();
    await first.until("half is stored", () => first.all("chunk-stored").length >= 16);
    expect(await first.kill("SIGINT")).toBe(130);
    const { served } = server;
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    expect(server.served - served).toBeLessThan(0.8 * size);
  });

  it.for(cases)("$title, beside another mirror", async ({ handler }, { lab }) => {
    await lab.start(handler(await lab.file(size)));
    await lab.serve();
    const get = lab.get();
    expect([await get.ended(), get.stderr, get.all("peer-excluded")]).toEqual([0, "", []]);
    expect(await lab.isRight()).toBe(true);
    expect(lab.ratio).toBeLessThan(mostTwice);
  });
});

describe("Two servers behind one address that have two files", () => {
  it("Two servers behind one address that have two files are never mixed: one of them comes whole, or none", async ({
    lab,
  }) => {
    const content = await lab.file(size);
    const other = syntheticContent(size, 2);
    const nodes = [serve(content, { etag: '"a"' }, speed), serve(other, { etag: '"b"' }, speed)] as const;
    await lab.start(inTurn(...nodes));
    const get = lab.get();
    const exit = await get.ended();
    const came = existsSync(lab.out) ? await readFile(lab.out) : undefined;
    const version = [content, other].findIndex((each) => came?.equals(each.read(0, size)) === true);
    expect([exit, version]).toEqual(exit === 0 ? [0, expect.toBeOneOf([0, 1])] : [expect.toBeOneOf([3, 4]), -1]);
    expect(came !== undefined).toBe(exit === 0);
  });
});
