import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { makeManifest, readMetalink, sha256, verifyFile } from "../../src/node.js";
import { cleanUp, serve } from "../adapters/http/harness.js";
import { tempFolder } from "../tempFolder.js";

const bytes = Buffer.from("hello, world");
const whole = createHash("sha256").update(bytes).digest("hex");
const wholeHash = { type: "sha-256", hex: whole };
let folder: string;
let film: string;
let meta4: string;

beforeEach(async () => {
  folder = await tempFolder();
  film = join(folder, "film.mkv");
  meta4 = join(folder, "all.meta4");
  await writeFile(film, bytes);
  return cleanUp;
});

const fileOf = (name: string, content: string) => `<file name="${name}">${content}</file>`;
const write = (...files: readonly string[]) => writeFile(meta4, `<metalink>${files.join("")}</metalink>`);
const hash = (hex: string) => `<hash type="sha-256">${hex}</hash>`;
const found = (file = film, options = {}) => firstValueFrom(verifyFile(file, meta4, options));

describe("verifyFile", () => {
  it("A file is compared by chunks, size and the whole with what makeManifest wrote", async () => {
    const { metalink, manifest } = await firstValueFrom(makeManifest(film, { chunkSize: 5 }));
    await writeFile(meta4, metalink);
    const [expected] = readMetalink(metalink, sha256);
    expect(expected).toMatchObject({ hash: wholeHash, manifest });
    expect(await found()).toEqual({
      ...{ expected, size: 12, hash: wholeHash, badChunks: [], matches: true, integrity: "chunks" },
    });
    await writeFile(film, "hello, World");
    expect(await found()).toMatchObject({ badChunks: [1], matches: false, size: 12 });
    await writeFile(film, "hello, world!");
    expect(await found()).toMatchObject({ badChunks: [2], matches: false, size: 13 });
    await writeFile(film, "hello");
    expect(await found()).toMatchObject({ badChunks: [1, 2], matches: false, size: 5 });
  });

  it("A file is compared by the whole where there are no piece hashes", async () => {
    await write(fileOf("a", `<url>http://a/</url>${hash(whole.toUpperCase())}`));
    expect(await found()).toMatchObject({ badChunks: [], hash: wholeHash, matches: true, integrity: "file" });
    await write(fileOf("a", `<size>12</size>${hash("ab".repeat(32))}`));
    expect(await found()).toMatchObject({ badChunks: [], hash: wholeHash, matches: false });
    await write(fileOf("a", `<size>13</size>${hash(whole)}`));
    expect(await found()).toMatchObject({ size: 12, matches: false });
  });

  it("A file with right chunks is not the one whose whole is said to be another", async () => {
    const { metalink } = await firstValueFrom(makeManifest(film));
    await writeFile(meta4, metalink.replace(hash(whole), hash("ab".repeat(32))));
    expect(await found()).toMatchObject({ badChunks: [], matches: false });
  });

  it("A file without a hash is never called right", async () => {
    await write(fileOf("film.mkv", "<size>12</size>"));
    await expect(found()).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: 'the metalink has no hash of "film.mkv" to compare with',
    });
  });

  it("Of several files in a metalink the one with the file's name is compared, or the selected one", async () => {
    await write(
      fileOf("a", `<size>1</size>${hash("ab".repeat(32))}`),
      fileOf("film.mkv", `<size>12</size>${hash(whole)}`),
    );
    expect(await found()).toMatchObject({ expected: { name: "film.mkv" }, matches: true });
    expect(await found(film, { select: "a" })).toMatchObject({ expected: { name: "a" }, matches: false });
    const copy = join(folder, "copy");
    await writeFile(copy, bytes);
    expect(await found(copy, { select: 2 })).toMatchObject({ matches: true });
    await expect(found(copy)).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message:
        'select is not given, and the metalink names several files, none of which is called "copy": "a", "film.mkv"',
    });
  });

  it("The manifest that a file is compared with is read from a URL", async () => {
    const { metalink } = await firstValueFrom(makeManifest(film));
    const { url } = await serve((_, response) => response.end(metalink), { path: "/x/film.meta4" });
    expect(await firstValueFrom(verifyFile(film, url))).toMatchObject({ matches: true });
  });
});
