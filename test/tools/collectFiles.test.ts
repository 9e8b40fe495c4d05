import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { collectFiles } from "../../src/tools/collectFiles.js";
import { tempFolder } from "../tempFolder.js";

it("Files that are hidden, manifests, and all that downloads leave are left out, in every folder", async () => {
  const folder = await tempFolder();
  const kept = ["a.mkv", "b.parts", "c.part1.rar", "d.meta4.txt"];
  const remains = [
    ...["x.part", "x.part.json", "x.part.json.damaged", "x.part.json.12345", "X.PART", "x.part.lock"],
    ...["x.part.lock.5d4d3b9e-6a0e-4d5c-9f6e-2b1f6b0a7c11", "x.part.lock.5d4d3b9e-6a0e-4d5c-9f6e-2b1f6b0a7c11.new"],
  ];
  const inside = join(folder, "inside");
  await mkdir(inside);
  for (const place of [folder, inside]) {
    for (const name of [...kept, ...remains, ".hidden", "e.meta4"]) await writeFile(join(place, name), "x");
  }
  const found = [folder, inside].flatMap((place) => kept.map((name) => ({ path: join(place, name), named: false })));
  expect(new Set(await collectFiles([folder]))).toEqual(new Set(found));
});

it("A file that is named by itself is taken, whatever its name", async () => {
  const path = join(await tempFolder(), "x.part");
  await writeFile(path, "x");
  expect(await collectFiles([path])).toEqual([{ path, named: true }]);
});

it("A file that is named and found is taken once, as the one that is named", async () => {
  const folder = await tempFolder();
  const path = join(folder, "a.mkv");
  await writeFile(path, "x");
  expect(await collectFiles([folder, path])).toEqual([{ path, named: true }]);
  expect(await collectFiles([path, folder])).toEqual([{ path, named: true }]);
});
