import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { removePart } from "../../../src/adapters/node/removeRemains.js";
import { tempFolder } from "../../tempFolder.js";

it("With an unfinished file go its manifest, its record, and drafts of all that killed processes left; other files stay", async () => {
  const folder = await tempFolder();
  const draft = ".tributary-0123456789ab";
  const written = [".part", ".part.hashes", ".part.json", draft, `.part.hashes${draft}`, `.part.json${draft}`];
  const others = ["film.part.old", "film.mkv", `film.mkv.part.hashes${draft}`, "film.part.hashes.tributary-mine"];
  for (const name of [...written.map((ending) => `film${ending}`), ...others]) await writeFile(join(folder, name), "");
  await lastValueFrom(removePart(join(folder, "film")), { defaultValue: undefined });
  expect((await readdir(folder)).sort()).toEqual(others.sort());
});
