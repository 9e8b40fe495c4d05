import { readdir } from "node:fs/promises";
import { lastValueFrom } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { downloadFile } from "../../../src/node.js";
import { answerWith, cleanUp, errorOf, fileOf, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const file = fileOf(1000);

afterEach(cleanUp);

it.each([
  ["/what%3F.txt", "what_.txt"],
  ["/a%2F..%2Fb", "a_.._b"],
  ["/.hidden", "_.hidden"],
  ["/x.part", "_x_part"],
  ["/.../", "download"],
])("A file at the typed address %s is called %s", async (path, name) => {
  const dir = await tempFolder();
  const { url } = await serve(answerWith(file), { path });
  await lastValueFrom(downloadFile(url, { dir, catalogue: false }));
  expect(await readdir(dir)).toEqual([name]);
});

it("A name that is a server's own idea is refused as before", async () => {
  const dir = await tempFolder();
  const { url } = await serve(answerWith(file, { "content-disposition": 'attachment; filename="what?.txt"' }));
  expect(await errorOf(downloadFile(url, { dir, catalogue: false }))).toMatchObject({ code: "INVALID_MANIFEST" });
  const other = await serve(answerWith(file), { path: "/what%3F" });
  const redirector = await serve((_request, response) => response.writeHead(302, { location: other.url }).end());
  expect(await errorOf(downloadFile(redirector.url, { dir, catalogue: false }))).toMatchObject({
    code: "INVALID_MANIFEST",
  });
  expect(await readdir(dir)).toEqual([]);
});
