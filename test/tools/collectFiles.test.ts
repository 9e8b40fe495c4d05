import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { collectFiles } from "../../src/tools/collectFiles.js";
import { asNobody } from "../asNobody.js";
import { tempFolder } from "../tempFolder.js";

it("Files that are hidden, manifests, and all that downloads leave are left out, in every folder", async () => {
  const folder = await tempFolder();
  const kept = ["a.mkv", "b.parts", "c.part1.rar", "d.meta4.txt"];
  const remains = [
    ...["x.part", "x.part.json", "x.part.json.damaged", "x.part.json.tributary-0123456789ab", "X.PART", "x.part.lock"],
    ...["x.part.lock.5d4d3b9e-6a0e-4d5c-9f6e-2b1f6b0a7c11", "x.part.lock.5d4d3b9e-6a0e-4d5c-9f6e-2b1f6b0a7c11.new"],
  ];
  const inside = join(folder, "inside");
  await mkdir(inside);
  for (const place of [folder, inside]) {
    for (const name of [...kept, ...remains, ".hidden", "e.meta4"]) await writeFile(join(place, name), "x");
  }
  const found = [folder, inside].flatMap((place) =>
    kept.map((name) => ({ path: join(place, name), named: false, within: folder })),
  );
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

it("A folder within a folder that may not be looked into is told of, and the files beside it are found", async () => {
  const folder = await tempFolder();
  const closed = join(folder, "closed");
  await mkdir(closed, { mode: 0 });
  const beside = join(folder, "a.mkv");
  await writeFile(beside, "x");
  await chmod(folder, 0o755);
  const found = await asNobody(() => collectFiles([folder]));
  expect(found).toEqual([
    { path: beside, named: false, within: folder },
    { path: closed, named: false, within: folder, problem: expect.objectContaining({ code: "LOCAL_IO" }) as unknown },
  ]);
});

it("A file that is named and may not be read is an error that names it", async () => {
  const folder = await tempFolder();
  await chmod(folder, 0o755);
  const path = join(folder, "closed");
  await writeFile(path, "x", { mode: 0 });
  await expect(asNobody(() => collectFiles([path]))).rejects.toMatchObject({
    code: "LOCAL_IO",
    message: expect.stringContaining(path) as string,
  });
});

it("Files are found in the order of their names, and links are left out", async () => {
  const folder = await tempFolder();
  const names = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + ((index * 7) % 26)));
  for (const name of names) await writeFile(join(folder, name), "x");
  await symlink(join(folder, "a"), join(folder, "link"));
  const found = await collectFiles([folder]);
  expect(found.map(({ path }) => path)).toEqual(names.sort().map((name) => join(folder, name)));
});
