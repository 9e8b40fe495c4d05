import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { lastValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { briefStore } from "../../../src/adapters/node/briefStore.js";

it("Documents of a manager that keeps nothing are there as long as it runs", async () => {
  const store = briefStore();
  const held = store.hold().subscribe();
  const [one, other] = await Promise.all(["<a/>", "<b/>"].map((text) => lastValueFrom(store.keepDocument(text))));
  expect(await readFile(one ?? "", "utf8")).toBe("<a/>");
  expect(await readFile(other ?? "", "utf8")).toBe("<b/>");
  held.unsubscribe();
  expect([one, other].map((path) => existsSync(path ?? ""))).toEqual([false, false]);
});
