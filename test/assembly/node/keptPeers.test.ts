import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { keptPeers } from "../../../src/assembly/node/keptPeers.js";
import type { Place } from "../../../src/assembly/node/prepareTarget.js";
import { encodeCheckpoint } from "../../../src/storage/encodeCheckpoint.js";
import { type MetPeer, metBy } from "../../../src/storage/MetPeer.js";
import { tempFolder } from "../../tempFolder.js";

const root = "ab".repeat(32);
const useful: MetPeer = { url: "ws://192.0.2.7:7001", source: "exchange", bytes: 10 };
const publicOne = { url: "ws://8.8.8.8:7001", source: "dht", bytes: 9 } as const;

async function record(path: string, met: readonly MetPeer[] | undefined, of = root): Promise<void> {
  const checkpoint = encodeCheckpoint({
    ...{ version: 1, root: of, name: "a", size: 10, chunkSize: 10, complete: new Uint8Array(1), frontiers: {} },
    ...{ failed: [], peers: {}, resumes: 0, savedAt: 0, ...(met && { met }) },
  });
  await writeFile(`${path}.part.json`, JSON.stringify(checkpoint));
}

const kept = (root: string, place: Place, name?: string, ways: readonly MetPeer["source"][] = metBy) =>
  firstValueFrom(keptPeers({ root, place, name }, ways));

it("Peers that were met are read from the record of the file, by the name that it was given, or that a document gives it", async () => {
  const dir = await tempFolder();
  await mkdir(join(dir, "films"));
  await record(join(dir, "films", "given"), [publicOne]);
  const named = [{ url: publicOne.url, publicOnly: true, source: "record" }];
  expect(await kept(root, { out: join(dir, "films", "given") })).toEqual(named);
  expect(await kept(root, { out: "films/given", dir })).toEqual(named);
  expect(await kept(root, { dir }, "films/given")).toEqual(named);
  expect(await kept(root, { dir }, "other")).toEqual([]);
  expect(await kept("cd".repeat(32), { dir }, "films/given")).toEqual([]);
});

it("Where the name is not known, the record is found by the root among those of the folder", async () => {
  const dir = await tempFolder();
  await record(join(dir, "another"), [{ ...useful, url: "ws://192.0.2.8:1" }], "cd".repeat(32));
  await writeFile(join(dir, "damaged.part.json"), "{");
  await record(join(dir, "this"), [publicOne, useful]);
  expect((await kept(root, { dir })).map(({ url }) => url)).toEqual([publicOne.url, useful.url]);
  expect(await kept(root, { dir: join(dir, "nowhere") })).toEqual([]);
});

it("Kept are IP addresses alone; one of a private network is asked, as it was, and a public one leads nowhere else", async () => {
  const out = join(await tempFolder(), "this");
  const urls = [
    "ws://127.0.0.1:1",
    "ws://10.0.0.7:1",
    "ws://localhost:1",
    "http://8.8.8.8/",
    "ws://8.8.8.8:1/path",
    "",
  ];
  await record(out, [publicOne, ...urls.map((url) => ({ ...useful, url }))]);
  expect(await kept(root, { out })).toEqual([
    { url: publicOne.url, publicOnly: true, source: "record" },
    { url: "ws://127.0.0.1:1", publicOnly: false, source: "record" },
    { url: "ws://10.0.0.7:1", publicOnly: false, source: "record" },
  ]);
});

it("Peers are asked again where the ways are taken, too, by which they were met", async () => {
  const out = join(await tempFolder(), "this");
  await record(out, [publicOne, useful]);
  const urls = async (...ways: readonly MetPeer["source"][]) =>
    (await kept(root, { out }, undefined, ways)).map(({ url }) => url);
  expect(await urls("exchange")).toEqual([useful.url]);
  expect(await urls("dht", "lan")).toEqual([publicOne.url]);
  expect(await urls()).toEqual([]);
});

it("A record of an earlier version, which keeps none, has none", async () => {
  const out = join(await tempFolder(), "this");
  await record(out, undefined);
  expect(await kept(root, { out })).toEqual([]);
});
