import { readdir, readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { Content } from "./content.js";
import { syntheticContent } from "./content.js";
import type { Handler } from "./Exchange.js";
import { type Dialect, dialects, speaks } from "./faults/dialects.js";
import { rate } from "./faults/pace.js";
import { it } from "./harness.js";
import { serve } from "./serve.js";

const size = 8 * 1024 * 1024;
const other = syntheticContent(size, 2);

const version = (dialect: Dialect, content: Content, number: number): Handler =>
  serve(content, dialect.facts(number), speaks(dialect), rate(8_000_000));

describe.concurrent("a file that was replaced comes whole, in one version, from a server that says of it", () => {
  it.for(dialects)("$title, when it goes on", { timeout: 120_000 }, async (dialect, { lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(version(dialect, content, 1));
    const first = lab.get();
    await first.until("half is stored", () => first.all("chunk-stored").length >= 16);
    expect(await first.kill("SIGINT")).toBe(130);
    server.play(version(dialect, other, 2));
    const second = lab.get();
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect((await readFile(lab.out)).equals(other.read(0, size))).toBe(true);
    expect((await readdir(lab.folder)).filter((name) => name.startsWith("copy"))).toEqual(["copy"]);
  });

  it.for(dialects)("$title, in mid-download", { timeout: 120_000 }, async (dialect, { lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(version(dialect, content, 1));
    const get = lab.get();
    await get.until("half is stored", () => get.all("chunk-stored").length >= 16);
    server.play(version(dialect, other, 2));
    server.hangUp();
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    // A stream of the whole may have brought all of the old one by then.
    const came = await readFile(lab.out);
    expect(came.equals(other.read(0, size)) || came.equals(content.read(0, size))).toBe(true);
    // What is told is done.
    const anew = get.all("notice").filter(({ message }) => message.includes("fetched anew"));
    const resumed = get.all("download-started").map(({ resumedChunks }) => resumedChunks);
    if (anew.length > 0) expect(resumed.at(-1)).toBe(0);
  });
});
