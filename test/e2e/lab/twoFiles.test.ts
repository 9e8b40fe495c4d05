import { readdir } from "node:fs/promises";
import { describe, expect } from "vitest";
import { syntheticContent } from "./content.js";
import type { Fault } from "./Exchange.js";
import { ignoresRange } from "./faults/ranges.js";
import { htmlPage } from "./faults/statuses.js";
import { facts, it, type Lab } from "./harness.js";
import { serve } from "./serve.js";

const size = 1024 * 1024;

interface Source {
  readonly name: string;
  readonly size?: number;
  /** Which bytes. @default 1 */
  readonly seed?: number;
  readonly faults?: readonly Fault[];
}

/** Gets what is at these addresses into one file, and says how that ended. */
async function getAll(lab: Lab, sources: readonly Source[]) {
  const servers = await Promise.all(
    sources.map(({ size: bytes = size, seed = 1, faults = [] }) =>
      lab.start(serve(syntheticContent(bytes, seed), facts, ...faults)),
    ),
  );
  const urls = sources.map(({ name }, at) => `${servers[at]?.origin ?? ""}/${name}`);
  const get = lab.getBy(urls[0] ?? "", ...urls.slice(1));
  return { urls, get, exit: await get.ended() };
}

const a = { name: "a.iso" };

describe.concurrent(
  "two addresses of two files are refused, with a line that says how to fetch both, when these have",
  () => {
    it.for<readonly [string, Source, Source]>([
      ["other names and sizes", a, { name: "b.zip", size: size / 2, seed: 2 }],
      ["other names and bytes", a, { name: "b.zip", seed: 2 }],
      ["other names and sizes, one without parts", a, { name: "b.zip", size: size / 2, faults: [ignoresRange()] }],
      ["other names in their queries", { name: "get?f=a.iso" }, { name: "get.php?f=b.zip", size: size / 2 }],
    ])("%s", async ([, one, other], { lab }) => {
      const { urls, get, exit } = await getAll(lab, [one, other]);
      expect(exit).toBe(2);
      for (const url of urls) expect(get.stderr).toContain(url);
      expect(get.stderr).toContain("run tributary get once for each of them");
      expect(get.all("download-failed").map(({ code, resumable }) => [code, resumable])).toEqual([
        ["DIFFERENT_FILES", false],
      ]);
      expect((await readdir(lab.folder)).filter((name) => name.startsWith("copy"))).toEqual([]);
    });
  },
);

describe.concurrent("of addresses of one file one is used, and the other told of, when", () => {
  it.for<readonly [string, readonly Source[]]>([
    ["one is of another size, as if it was stale", [a, { ...a, size: size / 2 }]],
    ["one has other bytes, as if it was stale", [a, { ...a, seed: 2 }]],
    ["one answers with a page", [a, { name: "b.zip", faults: [htmlPage()] }]],
    ["most have the same", [a, { name: "also-a.iso" }, { name: "b.zip", size: size / 2 }]],
  ])("%s", async ([, sources], { lab }) => {
    const { get, exit } = await getAll(lab, sources);
    expect([exit, get.stderr]).toEqual([0, ""]);
    expect(get.all("mirror-refused").map(({ code }) => code)).toEqual(["RESOURCE_CHANGED"]);
  });
});
