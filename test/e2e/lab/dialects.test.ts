import { readdir, readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { GetProcess } from "../peers/GetProcess.js";
import type { Content } from "./content.js";
import { contentOf, syntheticContent } from "./content.js";
import type { Dialect } from "./dialects.js";
import { dialects } from "./dialects.js";
import type { FaultServer } from "./FaultServer.js";
import { Gate } from "./Gate.js";
import { facts, it, type Lab } from "./harness.js";
import { serve } from "./serve.js";
import { speak } from "./speak.js";

const KiB = 1024;
const size = 2048 * KiB;
const other = syntheticContent(size, 2);
/** Two connections may have brought two chunks by halves. */
const half = 1280 * KiB;
/** The same but for a byte of what comes first and one of what comes last, where nobody looks. */
const retouched = (content: Content): Content => {
  const bytes = Buffer.from(content.read(0, content.size));
  for (const place of [400 * KiB, 1900 * KiB]) bytes.writeUInt8(bytes.readUInt8(place) ^ 0xff, place);
  return contentOf(bytes);
};
/** What is asked of a mirror to know its file again. */
const questions = 32 * KiB;

/** Whether a part can be had; the others are read from their start again. */
const hasParts = ({ range }: Dialect): boolean => range !== "whole";
/** Whether each version has a strong tag of its own: all others are told apart by a few bytes, as far as these differ. */
const tellsVersions = ({ etag = "strong", survives = [], nodes }: Dialect): boolean =>
  etag === "strong" && !survives.includes("etag") && nodes === undefined;
/** Whether the first answer tells the size, so that there are chunks. */
const isSized = ({ total, end, cold }: Dialect): boolean =>
  total === undefined && end === undefined && cold === undefined;
/** Whether there is more than a size to know the file by without reading all of it. */
const isKnowable = (dialect: Dialect): boolean => hasParts(dialect) || dialect.date !== "none";

interface HalfWay {
  readonly server: FaultServer;
  readonly get: GetProcess;
  readonly gate: Gate;
}

/** A download that has half of its file, and a server that gives no more. */
async function halfWay(lab: Lab, dialect: Dialect): Promise<HalfWay> {
  const content = await lab.file(size);
  const gate = new Gate(half);
  const server = await lab.start(speak(dialect, content, 1, gate.fault));
  const get = lab.get();
  const ended = get.exit.then((exit) => expect.fail(`it ended with ${exit ?? "nothing"}: ${get.stderr}`));
  await Promise.race([ended, server.until("half is served", ({ served }) => served >= half)]);
  if (isSized(dialect)) await get.until("chunks are stored", () => get.all("chunk-stored").length >= 2);
  return { server, get, gate };
}

/** Ends well, without a word on stderr. */
async function endsWell(get: GetProcess): Promise<void> {
  expect([await get.ended(), get.stderr]).toEqual([0, ""]);
}

const filesOf = async ({ folder }: Lab): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith("copy"));

/** Which of the versions the file is that was got. */
async function versionGot({ out }: Lab, ...versions: readonly Content[]): Promise<number> {
  const bytes = await readFile(out);
  return versions.findIndex((content) => bytes.equals(content.read(0, content.size)));
}

describe.concurrent("A file comes whole, and is known when it is asked for again, from a server that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const content = await lab.file(size);
    const server = await lab.start(speak(dialect, content, 1));
    await endsWell(lab.get());
    expect(await lab.isRight()).toBe(true);
    const { served } = server;
    const again = lab.get();
    expect(await again.ended()).toBe(isKnowable(dialect) ? 0 : 7);
    expect(await lab.isRight()).toBe(true);
    if (hasParts(dialect) && isSized(dialect)) expect(server.served - served).toBeLessThanOrEqual(questions);
  });
});

describe.concurrent("A file comes whole from an ordinary server and, before it, one that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const content = await lab.file(size);
    await lab.start(speak(dialect, content, 1));
    const ordinary = await lab.start(serve(content, facts));
    await endsWell(lab.get());
    expect(await lab.isRight()).toBe(true);
    expect(ordinary.served).toBeGreaterThan(0);
  });
});

describe.concurrent("A download goes on after Ctrl-C from a server that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const { server, get } = await halfWay(lab, dialect);
    expect(await get.kill("SIGINT")).toBe(130);
    server.play(speak(dialect, lab.content, 1));
    const { served } = server;
    await endsWell(lab.get());
    expect(await lab.isRight()).toBe(true);
    if (hasParts(dialect) && isSized(dialect)) expect(server.served - served).toBeLessThan(0.8 * size);
  });
});

describe.concurrent("A download comes to its end after kill -9 from a server that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const { server, get } = await halfWay(lab, dialect);
    await get.kill("SIGKILL");
    server.play(speak(dialect, lab.content, 1));
    await endsWell(lab.get());
    expect(await lab.isRight()).toBe(true);
  });
});

describe.concurrent("A file that was replaced after Ctrl-C comes in its new version from a server that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const { server, get } = await halfWay(lab, dialect);
    expect(await get.kill("SIGINT")).toBe(130);
    server.play(speak(dialect, other, 2));
    await endsWell(lab.get());
    expect(await versionGot(lab, other)).toBe(0);
    expect(await filesOf(lab)).toEqual(["copy"]);
  });
});

describe.concurrent("A file that is replaced in mid-download comes in one version from a server that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const { server, get, gate } = await halfWay(lab, dialect);
    server.play(speak(dialect, other, 2));
    // A line that breaks looks like the end to whoever waits for the end of the connection.
    if (dialect.end === "connection") gate.open();
    else server.hangUp();
    await endsWell(get);
    // What was handed to the network before the line broke may have been all of it.
    expect(await versionGot(lab, other, lab.content)).toBeGreaterThanOrEqual(0);
    const anew = get.all("notice").filter(({ message }) => message.includes("fetched anew"));
    if (anew.length > 0) expect(get.all("download-started").at(-1)?.resumedChunks).toBe(0);
  });
});

describe.concurrent(
  "A file of which little was replaced after Ctrl-C comes in its new version from a server that",
  () => {
    it.for(dialects.filter(tellsVersions))("$title", async (dialect, { lab }) => {
      const { server, get } = await halfWay(lab, dialect);
      expect(await get.kill("SIGINT")).toBe(130);
      const touched = retouched(lab.content);
      server.play(speak(dialect, touched, 2));
      await endsWell(lab.get());
      expect(await versionGot(lab, touched)).toBe(0);
    });
  },
);

describe.concurrent("A file of no bytes comes from a server that", () => {
  it.for(dialects)("$title", async (dialect, { lab }) => {
    const content = await lab.file(0);
    await lab.start(speak(dialect, content, 1));
    await endsWell(lab.get());
    expect(await lab.isRight()).toBe(true);
  });
});
