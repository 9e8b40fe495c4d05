import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EMPTY, finalize } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { Folders } from "../../../src/adapters/node/Folders.js";
import { lockDownload } from "../../../src/adapters/node/lock.js";
import type { Target } from "../../../src/assembly/Assembly.js";
import { Doubts } from "../../../src/discovery/Doubts.js";
import type { KnownFile } from "../../../src/discovery/KnownFile.js";
import { DownloadLock } from "../../../src/assembly/node/DownloadLock.js";
import { Backpressure } from "../../../src/assembly/node/Backpressure.js";
import { openTarget } from "../../../src/assembly/node/openTarget.js";
import { manifestOf, plainOf, someBytes } from "../../download/swarm.js";
import { peerAt } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { discoveryFor } from "../../discovery/discoveryFor.js";
import { done, leave, mirrorsWith } from "./here.js";

const file = someBytes(20_000);
const mirrors = (etag: string) => ({ mirrors: { A: { etag } } });

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, "film");
});

/** Mirrors that were asked before, and said the same. */
function askedBefore(): Doubts {
  const doubts = new Doubts();
  doubts.heard();
  return doubts;
}

async function open(known: Omit<KnownFile, "peers">, overwrite = false, doubts = askedBefore()): Promise<Target> {
  const lock = new DownloadLock(lockDownload(`${path}.part`));
  const rest = {
    doubts,
    backpressure: new Backpressure(),
    discovery: discoveryFor(),
    onLocked: () => undefined,
    folders: new Folders(),
  };
  const opening = openTarget(path, { ...known, peers: EMPTY }, { lock, overwrite, ...rest });
  const target = await done(opening.pipe(finalize(() => lock.leave())));
  if (target === undefined) throw new Error("no target");
  return target;
}

/** What the target's record says, after what was there was judged. */
async function recordOf(target: Target): Promise<unknown> {
  if ("events" in target) throw new Error("there is nothing to record");
  return done(target.progress.load());
}

describe("a target", () => {
  it("A target has the name it gets, not the one that was suggested, and no notice", async () => {
    const target = await open({ facts: plainOf(file, 1000), mirrorFile: mirrorsWith(file) });
    expect(target).toMatchObject({ manifest: { name: "film" } });
    expect(target).not.toHaveProperty("notices");
  });

  it.each([
    ["notes.txt", {}, 1],
    ["notes.txt", { whole: { type: "sha-256", bytes: new Uint8Array(32) } as const }, 0],
    ["notes.txt.gz", {}, 0],
    ["notes.tar.gz", {}, 0],
    ["notes.tgz", {}, 0],
    ["notes.SVGZ", {}, 0],
    ["gz", {}, 1],
  ])(
    "A target of bytes that their server calls coded, %s with %o, has %i notices of that",
    async (name, digest, notices) => {
      const facts = { ...plainOf(file, 1000), name, ...digest };
      const target = await open({ facts, mirrorFile: { ...mirrorsWith(file), coding: "gzip" } });
      const said = "notices" in target ? target.notices : [];
      expect(said).toEqual(
        notices === 0 ? [] : [`${name} is kept as its server stores it, which is coded, as it says: gzip`],
      );
    },
  );

  it("A target that is here already is over at once", async () => {
    await writeFile(path, file);
    const target = await open({ facts: plainOf(file, 1000), mirrorFile: mirrorsWith(file) });
    const events = "events" in target ? target.events : [];
    expect([...(events as Iterable<unknown>)]).toMatchObject([
      { type: "download-started", resumedBytes: 20_000 },
      { type: "download-completed", account: { integrity: "none", received: 0 } },
    ]);
  });

  it("A target that is another file is refused, and replaced only where that is allowed", async () => {
    await writeFile(path, someBytes(19_000));
    const known = { facts: plainOf(file, 1000), mirrorFile: mirrorsWith(file) };
    await expect(open(known)).rejects.toMatchObject({ code: "TARGET_EXISTS" });
    expect(await open(known, true)).toHaveProperty("sink");
    expect(await readdir(folder)).toEqual(["film"]);
  });

  it("A target is not begun anew for a server that tells no size now, and what was left stays", async () => {
    await leave(path, file, plainOf(file, 1000, mirrors('"1"')), [0, 1]);
    const known = { facts: plainOf(file, 1000), unsized: peerAt("http://127.0.0.1:9/film") };
    const refusal = {
      code: "PEER_UNAVAILABLE",
      message: expect.stringContaining("a body of unknown length") as string,
    };
    await expect(open(known)).rejects.toMatchObject(refusal);
    expect((await readdir(folder)).sort()).toEqual(["film.part", "film.part.json"]);
  });

  it("A target keeps what was left of the same version", async () => {
    const facts = plainOf(file, 1000, mirrors('"1"'));
    await leave(path, file, facts, [0, 1]);
    const target = await open({ facts, mirrorFile: mirrorsWith(file) });
    expect(target).not.toHaveProperty("notices");
    expect(await recordOf(target)).toMatchObject({ complete: new Uint8Array([3, 0, 0]) });
  });

  it("A target leaves what was left of another version until the mirrors were asked again", async () => {
    await leave(path, file, plainOf(file, 1000, mirrors('"1"')), [0, 1]);
    const known = { facts: plainOf(file, 1000, mirrors('"2"')), mirrorFile: mirrorsWith(file) };
    const doubts = new Doubts();
    await expect(open(known, false, doubts)).rejects.toMatchObject({ code: "PEER_UNAVAILABLE" });
    expect((await readdir(folder)).sort()).toEqual(["film.part", "film.part.json"]);
    expect(doubts.take()).toContain('its ETag was "1" and is "2"');
    expect(await open(known, false, doubts)).toHaveProperty("notices");
  });

  it("A target sets aside what was left of another version until the new one is whole, and says why", async () => {
    await leave(path, file, plainOf(file, 1000, mirrors('"1"')), [0, 1]);
    const now = plainOf(file, 1000, mirrors('"2"'));
    const target = await open({ facts: now, mirrorFile: mirrorsWith(file) });
    expect(target).toMatchObject({
      notices: [
        'The file on the server is not the one that this download began with: its ETag was "1" and is "2". It is fetched anew; ' +
          `what is here of the old one stays as ${path}.part.old until it is whole`,
      ],
    });
    expect(await recordOf(target)).toBeUndefined();
    expect((await readdir(folder)).sort()).toEqual(["film.part.old", "film.part.old.json"]);
    if ("progress" in target) await done(target.progress.clear());
    expect(await readdir(folder)).toEqual([]);
  });

  it("A target begins anew after a version of another size", async () => {
    await leave(path, file, plainOf(file, 1000, mirrors('"1"')), [0, 1]);
    const shorter = file.subarray(0, 9000);
    const target = await open({ facts: plainOf(shorter, 1000, mirrors('"2"')), mirrorFile: mirrorsWith(shorter) });
    expect(await recordOf(target)).toBeUndefined();
  });

  it("A target with digests is not judged by what mirrors say", async () => {
    const facts = await manifestOf(file, 1000);
    await leave(path, file, { ...facts, ...mirrors('"1"') }, [0, 1]);
    const target = await open({ facts: { ...facts, ...mirrors('"2"') } });
    expect(await recordOf(target)).toMatchObject({ root: facts.root });
    expect((await readFile(`${path}.part`)).length).toBe(file.length);
  });

  it.each([
    ["with digests", async () => ({ facts: await manifestOf(file, 1000) })],
    ["without digests", () => Promise.resolve({ facts: plainOf(file, 1000), mirrorFile: mirrorsWith(file) })],
    [
      "of unknown size",
      () => Promise.resolve({ facts: plainOf(file, 1000), unsized: peerAt("http://127.0.0.1:9/film") }),
    ],
  ])("%s is not written into a part that no download left, unless that is allowed", async (_name, knownOf) => {
    await writeFile(`${path}.part`, "a stranger's");
    const known = await knownOf();
    await expect(open(known)).rejects.toMatchObject({
      code: "TARGET_EXISTS",
      message: expect.stringContaining(`${path}.part exists already, and no record says`) as string,
    });
    expect(await readFile(`${path}.part`, "utf8")).toBe("a stranger's");
    expect(await open(known, true)).not.toBeUndefined();
  });
});
