import { mkdir, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { placeKey } from "../../../src/adapters/node/placeKey.js";
import { tempFolder } from "../../tempFolder.js";

let dir: string;

beforeEach(async () => {
  dir = await tempFolder();
  await mkdir(join(dir, "d"));
  await symlink("d", join(dir, "l"));
});

it("All spellings of a place are one: by a link, by dots, by a relative path, and where folders on the way are not there yet", () => {
  const place = placeKey(join(dir, "d", "x"));
  for (const spelt of [`${dir}/l/x`, `${dir}/l/../d/./x`, relative(".", join(dir, "l", "x"))]) {
    expect(placeKey(spelt)).toBe(place);
  }
  expect(placeKey(join(dir, "l", "new", "er", "x"))).toBe(placeKey(join(dir, "d", "new", "er", "x")));
  expect(placeKey(join(dir, "d", "y"))).not.toBe(place);
});

it("Case makes another place, unless the system is one where it does not", () => {
  const [small, large] = [join(dir, "x"), join(dir, "X")];
  expect(placeKey(small, "linux")).not.toBe(placeKey(large, "linux"));
  for (const platform of ["darwin", "win32"] as const)
    expect(placeKey(small, platform)).toBe(placeKey(large, platform));
});
