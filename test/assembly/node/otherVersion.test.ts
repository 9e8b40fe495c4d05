import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { throwError } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import type { MirrorFile } from "../../../src/discovery/MirrorFile.js";
import { otherVersion } from "../../../src/assembly/node/otherVersion.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { FileFacts } from "../../../src/manifest/Manifest.js";
import { plainOf, someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";
import { done, incomparable, leave, mirrorsWith } from "./here.js";

const file = someBytes(20_000);
const tag = (etag: string) => ({ etag: `"${etag}"` });
const date = (day: number) => ({ lastModified: `Sat, 0${day} Jan 2022 00:00:00 GMT` });
const of = (mirrors: FileFacts["mirrors"], bytes: Uint8Array = file) =>
  plainOf(bytes, 1000, mirrors === undefined ? {} : { mirrors });

const parts = { ranges: true } as const;
type Version = NonNullable<FileFacts["mirrors"]>[string];

let path: string;

beforeEach(async () => {
  path = join(await tempFolder(), "film");
});

/** Why what a run left of the first is none of the second. */
async function why(before: FileFacts, now: FileFacts, mirrorFile: MirrorFile, claimed = [0, 3, 4, 9, 19]) {
  await leave(path, file, before, claimed);
  return (await done(otherVersion(path, now, mirrorFile)))?.why;
}

describe("progress of a file that only its mirrors vouch for", () => {
  it("Progress of a file of mirrors is none where nothing is left", async () => {
    expect(await done(otherVersion(path, of({}), mirrorsWith(file)))).toBeUndefined();
  });

  it("Progress is of this version when a strong ETag has stayed, and nothing is compared", async () => {
    const mirrors = mirrorsWith(someBytes(1));
    expect(await why(of({ A: tag("1"), B: date(1) }), of({ A: tag("1"), B: date(1) }), mirrors)).toBeUndefined();
    expect(mirrors.compared).toEqual([]);
  });

  it.each([
    ["an ETag", { A: tag("1") }, { A: tag("2") }, 'its ETag was "1" and is "2"'],
    ["one of the ETags", { A: tag("1"), B: tag("1") }, { A: tag("1"), B: tag("2") }, 'its ETag was "1" and is "2"'],
  ])("Progress is of another version when a mirror says so by %s", async (_name, before, now, text) => {
    expect(await why(of(before), of(now), mirrorsWith(file))).toBe(text);
  });

  it("Progress is of another version when the size is another", async () => {
    const mirrors = { A: tag("1") };
    const longer = of(mirrors, someBytes(20_001));
    expect(await why(of(mirrors), longer, mirrorsWith(file))).toBe("its size was 20000 and is 20001");
  });

  it("Progress is of another version by the date where its bytes cannot be compared", async () => {
    const [before, now] = [of({ A: date(1) }), of({ A: date(2) })];
    const text = "it was last changed on Sat, 01 Jan 2022 00:00:00 GMT and is of Sat, 02 Jan 2022 00:00:00 GMT now";
    expect(await why(before, now, incomparable)).toBe(text);
  });

  it.each<[string, Version, Version]>([
    ["a page", { ...parts, type: "application/zip" }, { type: "text/html" }],
    ["a page in parts", { ...parts, type: "application/zip" }, { ...parts, type: "text/html" }],
    ["a whole where parts came", parts, {}],
    ["another kind of whole", { type: "application/zip" }, { type: "application/json" }],
  ])("Progress is not given up for %s", async (_name, before, now) => {
    await leave(path, file, of({ A: before }), [0]);
    const shorter = of({ A: now }, someBytes(27));
    expect(await done(otherVersion(path, shorter, mirrorsWith(file)))).toMatchObject({ isWeak: true });
  });

  it.each<[string, Version, Version]>([
    ["a part where parts came", parts, parts],
    ["a part where wholes came", {}, parts],
    ["a whole of the same kind where wholes came", { type: "text/html" }, { type: "text/html" }],
  ])("Progress is given up for %s", async (_name, before, now) => {
    await leave(path, file, of({ A: before }), [0]);
    const shorter = of({ A: now }, someBytes(27));
    expect(await done(otherVersion(path, shorter, mirrorsWith(file)))).toMatchObject({ isWeak: false });
  });

  it.each<[string, FileFacts["mirrors"], FileFacts["mirrors"]]>([
    ["say nothing", { A: {} }, { A: {} }],
    ["are others than before", { A: tag("1") }, { B: tag("2") }],
    ["have another date", { A: date(1) }, { A: date(2) }],
    [
      "have another date beside an ETag that has stayed",
      { A: { ...tag("1"), ...date(1) } },
      { A: { ...tag("1"), ...date(2) } },
    ],
    ["have only a date that has stayed", { A: date(1) }, { A: date(1) }],
    ["have an ETag now and had none", { A: {} }, { A: tag("2") }],
  ])("Progress is compared with a few bytes where mirrors %s", async (_name, before, now) => {
    const mirrors = mirrorsWith(file);
    expect(await why(of(before), of(now), mirrors)).toBeUndefined();
    expect(mirrors.compared.map(({ position }) => position)).toEqual([0, 3000, 4000, 9000, 19_000]);
    const changed = file.map((byte, at) => (at === 4001 ? byte ^ 1 : byte));
    expect(await why(of(before), of(now), mirrorsWith(changed))).toBe("its bytes are not those that are here");
  });

  it("Progress is compared where it is complete only", async () => {
    const mirrors = mirrorsWith(file);
    await why(of({}), of({}), mirrors, [7]);
    await why(of({}), of({}), mirrors, []);
    expect(mirrors.compared.map(({ position }) => position)).toEqual([7000]);
  });

  it("Progress is compared at both ends of a chunk that has come some of its way", async () => {
    const mirrors = mirrorsWith(file);
    await leave(path, file, of({}), [], { 2: 700 });
    expect(await done(otherVersion(path, of({}), mirrors))).toBeUndefined();
    expect(mirrors.compared).toMatchObject([
      { position: 2000, length: 700 },
      { position: 2000, length: 700 },
    ]);
    const changed = file.map((byte, at) => (at === 2699 ? byte ^ 1 : byte));
    expect(await done(otherVersion(path, of({}), mirrorsWith(changed)))).toHaveProperty(
      "why",
      "its bytes are not those that are here",
    );
  });

  it("Progress is not believed where it can be compared with nothing", async () => {
    const text = "there is nothing by which it could be compared with what is here";
    expect(await why(of({}), of({}), incomparable)).toBe(text);
  });

  it("Progress is nothing to compare where its bytes are gone", async () => {
    await leave(path, file, of({}), [0]);
    await rm(`${path}.part`);
    expect(await done(otherVersion(path, of({}), mirrorsWith(file)))).toBeUndefined();
  });

  it("Progress of a file with digests is not looked at", async () => {
    const mirrors = mirrorsWith(file);
    expect(await why(of(undefined), of({ A: tag("1") }), mirrors)).toBeUndefined();
    expect(mirrors.compared).toEqual([]);
  });

  it("Progress that is damaged is left to whoever takes it up", async () => {
    await writeFile(`${path}.part.json`, "{");
    expect(await done(otherVersion(path, of({}), mirrorsWith(file)))).toBeUndefined();
  });

  it("Progress is of an unknown version when the mirrors or the disk fail", async () => {
    const gone = new DownloadError("CONNECTION_LOST", "gone");
    await expect(why(of({}), of({}), { sample: () => throwError(() => gone) })).rejects.toBe(gone);
    await leave(path, file, of({}), [0]);
    await rm(`${path}.part`);
    await mkdir(`${path}.part`);
    await expect(done(otherVersion(path, of({}), mirrorsWith(file)))).rejects.toMatchObject({ code: "LOCAL_IO" });
  });
});
