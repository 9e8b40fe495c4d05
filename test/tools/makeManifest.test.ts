import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { makeManifest } from "../../src/node.js";
import { tempFolder } from "../tempFolder.js";

it("An address that readers of the manifest would pass over is refused at the call, without its password", () => {
  expect(() => makeManifest("film.mkv", { urls: ["http://a/film.mkv", "ftp://me:secret@b/film.mkv"] })).toThrow(
    new TypeError('"ftp://b/film.mkv" is no address; it must be a ws://, wss://, http:// or https:// URL'),
  );
});

it("A file that does not exist has no manifest", async () => {
  const path = join(await tempFolder(), "film.mkv");
  await expect(firstValueFrom(makeManifest(path))).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message: `${path} does not exist`,
  });
});

it.runIf(process.platform === "linux")("A device is no file, and has no manifest", async () => {
  await expect(firstValueFrom(makeManifest("/dev/null"))).rejects.toMatchObject({ code: "LOCAL_IO" });
});

it("A file without a byte has a manifest without a chunk", async () => {
  const path = join(await tempFolder(), "empty");
  await writeFile(path, "");
  const { manifest } = await firstValueFrom(makeManifest(path));
  expect(manifest).toMatchObject({ size: 0, digests: new Uint8Array() });
});
