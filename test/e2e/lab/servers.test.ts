import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { dialects } from "./dialects.js";

it("Each dialect has its line in docs/servers.md, with the servers that it stands for", async () => {
  const page = await readFile(new URL("../../../docs/servers.md", import.meta.url), "utf8");
  const named = page.split("\n").flatMap((line) => (line.startsWith("| ") ? [line.split("|")[1]?.trim()] : []));
  expect(named.slice(2).toSorted()).toEqual(dialects.map(({ servers }) => servers.join(", ")).toSorted());
});
