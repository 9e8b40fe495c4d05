import { mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder } from "../../../src/adapters/node/makeFolder.js";
import { tempFolder } from "../../tempFolder.js";

it("A folder is made with all above it, for those who may enter", async () => {
  const folder = await tempFolder();
  await makeFolder(join(folder, "a", "b", "c"), { mode: 0o700 });
  for (const path of ["a", "a/b", "a/b/c"]) expect((await stat(join(folder, path))).mode & 0o777).toBe(0o700);
});

it("A folder that is there is left alone, links to folders too, and a root", async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, "a"));
  await symlink("a", join(folder, "link"));
  await makeFolder(join(folder, "link", "b"));
  await Promise.all([makeFolder(join(folder, "a", "b")), makeFolder(join(folder, "link")), makeFolder("/")]);
  expect((await stat(join(folder, "a", "b"))).isDirectory()).toBe(true);
});

it("The same folders are made many times at once", async () => {
  const path = join(await tempFolder(), "a", "b", "c");
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)));
  expect((await stat(path)).isDirectory()).toBe(true);
});

it("A file in the way of a folder is named", async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, "file"), "");
  await symlink("nowhere", join(folder, "link"));
  for (const path of ["file", "file/a", "link", "link/a"]) {
    await expect(makeFolder(join(folder, path))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringMatching(/^cannot make the folder .*\((EEXIST|ENOTDIR)\)$/) as string,
    });
  }
});

it.runIf(process.platform === "linux")("A folder that is there and says that it is not ends the making", async () => {
  for (const path of ["/proc/nope", "/proc/nope/a/b"]) {
    await expect(makeFolder(path)).rejects.toThrow(
      `cannot make the folder ${path}: no such file or directory (ENOENT)`,
    );
  }
});
