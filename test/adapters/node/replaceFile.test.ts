import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { replaceFile } from "../../../src/adapters/node/replaceFile.js";
import { tempFolder } from "../../tempFolder.js";

it("A file is replaced as a whole, with the permissions that were asked for, and no draft stays", async () => {
  const path = join(await tempFolder(), "record.json");
  await writeFile(path, "before, and longer");
  await replaceFile(path, "after", { mode: 0o600 });
  expect(await readFile(path, "utf8")).toBe("after");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(path, ".."))).toEqual(["record.json"]);
});

it("A link is replaced, and nothing is written to where it leads", async () => {
  const folder = await tempFolder();
  const [path, elsewhere] = [join(folder, "record.json"), join(folder, "precious")];
  await writeFile(elsewhere, "precious");
  await symlink(elsewhere, path);
  await replaceFile(path, "after");
  expect(await readFile(elsewhere, "utf8")).toBe("precious");
  expect(await readFile(path, "utf8")).toBe("after");
});

it("What cannot be replaced leaves no draft", async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, "record.json", "full"), { recursive: true });
  await expect(replaceFile(join(folder, "record.json"), "after")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(await readdir(folder)).toEqual(["record.json"]);
});
