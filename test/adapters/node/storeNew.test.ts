import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { Folders } from "../../../src/adapters/node/Folders.js";
import { storeNew } from "../../../src/adapters/node/storeNew.js";
import { tempFolder } from "../../tempFolder.js";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, "film");
});

it("A new file has its bytes under its name, and nothing stands beside it", async () => {
  await storeNew(path, Buffer.from("all of it"), new Folders());
  expect(await readFile(path, "utf8")).toBe("all of it");
  expect(await readdir(folder)).toEqual(["film"]);
});

it("A new file never replaces what has the name, and leaves nothing beside it then", async () => {
  await writeFile(path, "another's");
  await expect(storeNew(path, Buffer.from("new"), new Folders())).rejects.toMatchObject({ code: "EEXIST" });
  expect(await readFile(path, "utf8")).toBe("another's");
  expect(await readdir(folder)).toEqual(["film"]);
});

it("A draft that a killed process left is swept with its file, and nothing that a user may have called so", async () => {
  const theirs = ["film.part", "film.part.1", "film.part.001", "film.tributary-1", `other.tributary-${"0".repeat(12)}`];
  for (const name of [...theirs, `film.tributary-${"a1".repeat(6)}`]) await writeFile(join(folder, name), "");
  await mkdir(join(folder, `film.tributary-${"f".repeat(12)}`));
  new Folders().sweep(path);
  expect((await readdir(folder)).toSorted()).toEqual([...theirs, `film.tributary-${"f".repeat(12)}`].toSorted());
});

it("A new file that the disk refuses is told as the system says, and leaves nothing", async () => {
  await expect(storeNew(join(folder, "none", "film"), Buffer.from("new"), new Folders())).rejects.toMatchObject({
    code: "ENOENT",
  });
  const long = join(folder, "f".repeat(250));
  await expect(storeNew(long, Buffer.from("new"), new Folders())).rejects.toMatchObject({ code: "ENAMETOOLONG" });
  expect(await readdir(folder)).toEqual([]);
});

it("Names that come while their folder is synced share the next sync, which begins when that one has ended", async () => {
  const folders = new Folders();
  const first = folders.sync(folder);
  const [second, third] = [folders.sync(folder), folders.sync(folder)];
  expect(second).toBe(third);
  expect(second).not.toBe(first);
  const order: string[] = [];
  await Promise.all([first.then(() => order.push("first")), second.then(() => order.push("second"))]);
  expect(order).toEqual(["first", "second"]);
  expect(folders.sync(folder)).not.toBe(second);
});

it("A folder whose sync failed is synced anew for the next name", async () => {
  const gone = join(folder, "gone");
  const folders = new Folders();
  const [first, second] = [folders.sync(gone), folders.sync(gone)];
  await expect(first).rejects.toThrow();
  await expect(second).rejects.toThrow();
  await mkdir(gone);
  await expect(folders.sync(gone)).resolves.toBeUndefined();
});
