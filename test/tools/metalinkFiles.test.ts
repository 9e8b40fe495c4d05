import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { beforeEach, expect, it } from "vitest";
import { metalinkFiles } from "../../src/node.js";
import { cleanUp, serve } from "../adapters/http/harness.js";
import { tempFolder } from "../tempFolder.js";

const xml =
  '<metalink><file name="a"><url>http://a/a</url></file><file name="b"><url>http://b/b</url></file></metalink>';

let path: string;

beforeEach(async () => {
  path = join(await tempFolder(), "all.meta4");
  await writeFile(path, xml);
  return cleanUp;
});

it("A metalink's files are read from its path", async () => {
  const files = await firstValueFrom(metalinkFiles(path));
  expect(files.map(({ name }) => name)).toEqual(["a", "b"]);
});

it("A metalink on the web is fetched with the headers of its host", async () => {
  const server = await serve((_, response) => response.end(xml), { path: "/all.meta4" });
  const headers = { [`127.0.0.1:${server.port}`]: { "X-Key": "1" } };
  expect(await firstValueFrom(metalinkFiles(server.url, { headers }))).toHaveLength(2);
  expect(server.requests[0]?.headers["x-key"]).toBe("1");
});

it("A metalink of more bytes than it may have is refused", async () => {
  await expect(firstValueFrom(metalinkFiles(path, { maxMetalinkBytes: xml.length - 1 }))).rejects.toMatchObject({
    code: "INVALID_MANIFEST",
  });
  expect(await firstValueFrom(metalinkFiles(path, { maxMetalinkBytes: xml.length }))).toHaveLength(2);
});

it.each([0, -1, NaN])("A limit of %d bytes for a metalink is refused at the call", (maxMetalinkBytes) => {
  expect(() => metalinkFiles(path, { maxMetalinkBytes })).toThrow(
    new RangeError(`maxMetalinkBytes is ${maxMetalinkBytes}; it must be a number of bytes, at least 1`),
  );
});

it("A metalink that does not exist fails with FILE_NOT_FOUND", async () => {
  await expect(firstValueFrom(metalinkFiles(`${path}4`))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});
