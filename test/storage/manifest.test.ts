import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { lastValueFrom, type Observable, tap, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { manifestFile } from "../../src/adapters/node/manifestFile.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { chunkSizeFor } from "../../src/manifest/chunkSize.js";
import type { Manifest } from "../../src/manifest/Manifest.js";
import { manifestRoot } from "../../src/manifest/root.js";
import { encodeManifest } from "../../src/storage/encodeManifest.js";
import { keepingManifest } from "../../src/storage/keepingManifest.js";
import { parseManifest } from "../../src/storage/parseManifest.js";
import { aCheckpoint } from "../contracts/progressStoreContract.js";
import { manifestOf, plainOf, someBytes } from "../download/swarm.js";
import { tempFolder } from "../tempFolder.js";

const file = someBytes(10_500);
const manifest = await manifestOf(file, 1000);
const json = (change: object = {}): unknown => ({ ...encodeManifest(manifest), ...change });
const parsed = (value: unknown, { root } = manifest) => parseManifest(value, { root, name: "here", sha256 });

describe("parseManifest", () => {
  it("parseManifest reads what encodeManifest wrote, also of a file with as many chunks as we cut", () => {
    expect(parsed(JSON.parse(JSON.stringify(json())))).toEqual(manifest);
    const size = 100e9;
    const chunkSize = chunkSizeFor(size);
    const digests = someBytes(32 * Math.ceil(size / chunkSize));
    const large: Manifest = {
      root: manifestRoot({ size, chunkSize, digests }, sha256),
      name: "a",
      size,
      chunkSize,
      digests,
    };
    const text = JSON.stringify(encodeManifest(large));
    expect(text.length).toBeLessThan(44 * (digests.length / 32) + 1000);
    expect(parsed(JSON.parse(text), large)).toEqual(large);
  });

  it("parseManifest takes the manifest of another file for none", () => {
    expect(parsed(json(), { ...manifest, root: "ab".repeat(32) })).toBeUndefined();
  });

  const other = encodeManifest({ ...manifest, digests: manifest.digests.map((byte) => byte ^ 1) });
  it.each<readonly [string, unknown, RegExp]>([
    ["that is no JSON", new SyntaxError("Unexpected end"), /^here: Unexpected end$/],
    ["that is no record", 5, /^here: Invalid type/],
    ["of another version", json({ version: 2 }), /^here: version: /],
    ["whose digests are no base64", json({ digests: "?" }), /^here: /],
    ["with a digest too few", json({ size: 11_500 }), /its digests have 352 bytes, expected 384/],
    ["whose digests lead to another root", { ...other, root: manifest.root }, /its root is/],
  ])("parseManifest refuses one %s", (_, value, damage) => {
    expect(parsed(value)).toEqual({ damage: expect.stringMatching(damage) as string });
  });
});

describe("keepingManifest", () => {
  const place = async () => manifestFile(`${await tempFolder()}/film.part.hashes`);
  const onTrouble = (message: string): void => {
    throw new Error(message);
  };
  const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });

  it("A store that keeps the manifest writes it once, beside the first record, and removes it with the record", async () => {
    const manifests = await place();
    let saves = 0;
    const counting = {
      ...manifests,
      save: (each: Manifest) => manifests.save(each).pipe(tap({ complete: () => saves++ })),
    };
    const record = memoryProgress();
    const store = keepingManifest({ progress: record, manifests: counting, onTrouble }, manifest);
    const kept = () => lastValueFrom(manifests.load(manifest.root));
    expect(await kept()).toBeUndefined();
    await done(store.save(aCheckpoint));
    await done(store.save(aCheckpoint));
    expect(await kept()).toEqual(manifest);
    expect(saves).toBe(1);
    expect(await lastValueFrom(store.load())).toEqual(aCheckpoint);
    await done(store.clear());
    expect(await kept()).toBeUndefined();
    expect(record.saved()).toBeUndefined();
    await done(store.save(aCheckpoint));
    expect(await kept()).toEqual(manifest);
  });

  it("A manifest and a record whose saving is left are written all the same", async () => {
    const manifests = await place();
    const record = memoryProgress();
    keepingManifest({ progress: record, manifests, onTrouble }, manifest).save(aCheckpoint).subscribe().unsubscribe();
    expect(await lastValueFrom(manifests.load(manifest.root))).toEqual(manifest);
    expect(record.saved()).toEqual(aCheckpoint);
  });

  it("A manifest that cannot be kept or removed is told once, with what it costs, and the record goes on", async () => {
    const path = `${await tempFolder()}/film.part.hashes`;
    await mkdir(path);
    const record = memoryProgress();
    const told: string[] = [];
    const parts = { progress: record, manifests: manifestFile(path), onTrouble: (words: string) => told.push(words) };
    const store = keepingManifest(parts, manifest);
    await done(store.save(aCheckpoint));
    await done(store.save(aCheckpoint));
    expect(record.saved()).toEqual(aCheckpoint);
    await done(store.clear());
    expect(record.saved()).toBeUndefined();
    await done(store.save(aCheckpoint));
    expect(told).toEqual([
      expect.stringMatching(/^The manifest cannot be kept beside the file\. .* the next run has to find .*: .*hashes/),
    ]);
  });

  it("Where the record fails as well as the manifest, the record's failure is all that is told", async () => {
    const path = `${await tempFolder()}/film.part.hashes`;
    await mkdir(path);
    const full = new Error("full");
    const told: string[] = [];
    const progress = { ...memoryProgress(), save: () => throwError(() => full) };
    const parts = { progress, manifests: manifestFile(path), onTrouble: (words: string) => told.push(words) };
    await expect(done(keepingManifest(parts, manifest).save(aCheckpoint))).rejects.toBe(full);
    expect(told).toEqual([]);
  });

  it("A manifest that is kept already is not written again, one that is not the same is, and drafts of it are gone", async () => {
    const path = `${await tempFolder()}/film.part.hashes`;
    await done(manifestFile(path).save(manifest));
    const { ino } = await stat(path);
    await writeFile(`${path}.tributary-0123456789ab`, "half");
    await done(manifestFile(path).save(manifest));
    expect((await stat(path)).ino).toBe(ino);
    expect(await readdir(dirname(path))).toEqual(["film.part.hashes"]);
    for (const other of ["half", JSON.stringify({ ...encodeManifest(manifest), name: "other" })]) {
      await writeFile(path, other);
      await done(manifestFile(path).save(manifest));
      expect(await lastValueFrom(manifestFile(path).load(manifest.root))).toEqual(manifest);
    }
  });

  it("Of a file without digests of its chunks, or whose digests were found beside it, no manifest is kept", async () => {
    const record = memoryProgress();
    const manifests = await place();
    for (const facts of [plainOf(file, 1000), { ...manifest, digestsFound: true as const }])
      expect(keepingManifest({ progress: record, manifests, onTrouble }, facts)).toBe(record);
  });
});
