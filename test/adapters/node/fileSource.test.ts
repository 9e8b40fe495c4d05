import { appendFile, mkdir, readdir, readlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { firstValueFrom, lastValueFrom, of, switchMap } from "rxjs";
import { describe, expect, it } from "vitest";
import { fileSource } from "../../../src/adapters/node/fileSource.js";
import { manifestOfFile } from "../../../src/adapters/node/manifestOfFile.js";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { buildManifest } from "../../../src/manifest/buildManifest.js";
import { checkManifest } from "../../../src/manifest/checkManifest.js";
import { tempFolder } from "../../tempFolder.js";

const message = (part: string) => expect.stringContaining(part) as string;
const contentOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 7) % 251);

async function fileOf(size: number) {
  const path = join(await tempFolder(), "a.bin");
  const content = contentOf(size);
  await writeFile(path, content);
  return { path, content };
}

describe("manifestOfFile", () => {
  it.each([0, 1, 262_144, 524_288, 3_000_001])("The manifest of a file is that of the %i bytes in it", async (size) => {
    const { path, content } = await fileOf(size);
    const manifest = await firstValueFrom(manifestOfFile(path));
    expect(manifest).toEqual(await lastValueFrom(of(content).pipe(buildManifest({ name: "a.bin", size }, sha256))));
    expect(checkManifest(manifest, sha256)).toBe(manifest);
  });

  it("The manifest of a file takes the name and the chunk size that it is given", async () => {
    const { path } = await fileOf(10);
    expect(await firstValueFrom(manifestOfFile(path, { name: "b", chunkSize: 4 }))).toMatchObject({
      name: "b",
      chunkSize: 4,
    });
  });

  it("The manifest of a file that cannot be read names path and cause", async () => {
    const path = join(await tempFolder(), "a");
    await expect(firstValueFrom(manifestOfFile(path))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `cannot read ${path}: no such file or directory (ENOENT)`,
    });
    await mkdir(path);
    await expect(firstValueFrom(manifestOfFile(path))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: `${path} is a folder, expected a file`,
    });
  });
});

describe("fileSource", () => {
  it("A file source reads any part of the file", async () => {
    const { path, content } = await fileOf(600_000);
    const source = await firstValueFrom(fileSource(path));
    expect(source.manifest).toEqual(await firstValueFrom(manifestOfFile(path)));
    for (const [offset, length] of [
      [0, 600_000],
      [262_143, 2],
      [599_999, 1],
      [5, 0],
    ] as const) {
      const read = await firstValueFrom(source.read(offset, length));
      expect(Buffer.compare(read, content.subarray(offset, offset + length))).toBe(0);
    }
    await lastValueFrom(source.close(), { defaultValue: undefined });
  });

  it.each([
    ["was written to", (path: string) => writeFile(path, contentOf(1000).fill(1))],
    ["became shorter", (path: string) => truncate(path, 500)],
    ["has another time", (path: string) => utimes(path, 1, 1)],
  ])("A file source refuses a file that %s since, without its path", async (_, change) => {
    const { path } = await fileOf(1000);
    const source = await firstValueFrom(fileSource(path));
    await change(path);
    await expect(firstValueFrom(source.read(0, 1000))).rejects.toMatchObject({
      code: "RESOURCE_CHANGED",
      message: "a.bin changed since its manifest was made",
    });
    await lastValueFrom(source.close(), { defaultValue: undefined });
  });

  it("A file source reads past 4 GiB", async () => {
    const { path } = await fileOf(10);
    const size = 2 ** 32 + 3;
    await truncate(path, size - 3);
    await appendFile(path, "end");
    const manifest = { root: "", name: "large", size, chunkSize: 2 ** 30, digests: new Uint8Array(5 * 32) };
    const source = await firstValueFrom(fileSource(path, { manifest }));
    expect(Buffer.from(await firstValueFrom(source.read(size - 4, 4))).toString()).toBe("\0end");
    await lastValueFrom(source.close(), { defaultValue: undefined });
  });

  it("A file source does not make bytes up behind the end", async () => {
    const { path } = await fileOf(10);
    const source = await firstValueFrom(fileSource(path));
    await expect(firstValueFrom(source.read(8, 4))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: message("2 bytes at 8, expected 4"),
    });
    await lastValueFrom(source.close(), { defaultValue: undefined });
  });

  it("A file source believes a manifest that it is given, but for its size", async () => {
    const { path } = await fileOf(10);
    const manifest = await firstValueFrom(manifestOfFile(path));
    const source = await firstValueFrom(fileSource(path, { manifest }));
    expect(source.manifest).toBe(manifest);
    await lastValueFrom(source.close(), { defaultValue: undefined });
    await expect(firstValueFrom(fileSource(path, { manifest: { ...manifest, size: 11 } }))).rejects.toMatchObject({
      code: "INVALID_MANIFEST",
      message: message("has 10 bytes, but its manifest says 11"),
    });
  });

  it("A file source reads nothing after it was closed, and closes as often as one likes", async () => {
    const { path } = await fileOf(10);
    const source = await firstValueFrom(fileSource(path));
    await lastValueFrom(source.close(), { defaultValue: undefined });
    await lastValueFrom(source.close(), { defaultValue: undefined });
    await expect(firstValueFrom(source.read(0, 1))).rejects.toMatchObject({ code: "LOCAL_IO" });
  });

  it("A file source leaves nothing open whenever it is unsubscribed before it was ready", async () => {
    const { path } = await fileOf(10);
    const manifest = await firstValueFrom(manifestOfFile(path));
    for (let ticks = 0; ticks < 20; ticks++) {
      const subscription = fileSource(path, { manifest })
        .pipe(switchMap((source) => source.close()))
        .subscribe();
      for (let tick = 0; tick < ticks; tick++) await setImmediate();
      subscription.unsubscribe();
    }
    await expect.poll(() => timesOpen(path)).toBe(0);
  });
});

/** How many descriptors of this process are of a file. */
async function timesOpen(path: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return targets.filter((target) => target === path).length;
}
