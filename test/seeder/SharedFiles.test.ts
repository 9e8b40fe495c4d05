import { EMPTY } from "rxjs";
import { expect, it } from "vitest";
import { SharedFiles, type SharedSource } from "../../src/seeder/SharedFiles.js";

const source = (root: string): SharedSource => ({
  manifest: { root, name: "a", size: 0, chunkSize: 1, digests: new Uint8Array() },
  read: () => EMPTY,
  close: () => undefined,
});

it("The roots of what is shared are told when the first source of one comes and the last one goes", () => {
  const shared = new SharedFiles();
  const seen: string[] = [];
  shared.roots.subscribe((roots) => seen.push([...roots].join("+")));
  const first = shared.add(source("a"));
  const again = shared.add(source("a"));
  shared.add(source("b"));
  first.unsubscribe();
  again.unsubscribe();
  shared.close();
  expect(seen).toEqual(["", "a", "a+b", "b", ""]);
});
