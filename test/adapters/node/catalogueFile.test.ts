import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { catalogueFile } from "../../../src/adapters/node/catalogueFile.js";
import { draftName } from "../../../src/adapters/node/drafts.js";
import { encodeCatalogue } from "../../../src/storage/encodeCatalogue.js";
import { noTotals } from "../../../src/storage/Totals.js";
import { aDelta } from "../../contracts/catalogueContract.js";
import { bundled } from "../../e2e/bundled.js";
import { tempFolder } from "../../tempFolder.js";

const learn = (path: string) => lastValueFrom(catalogueFile(path).record(aDelta).pipe(toArray()));
const load = (path: string) => lastValueFrom(catalogueFile(path).load());
const part = (text: string) => expect.stringContaining(text) as string;

async function place(text?: string) {
  const folder = await tempFolder();
  const path = join(folder, "catalogue.json");
  if (text !== undefined) await writeFile(path, text);
  return { folder, path };
}

const good = JSON.stringify(encodeCatalogue({ peers: aDelta.peers, totals: noTotals }));

describe("catalogueFile", () => {
  it("A catalogue makes its folder, and leaves in it one file that only the owner can read", async () => {
    const folder = join(await tempFolder(), "deep", "state");
    await learn(join(folder, "catalogue.json"));
    expect(await readdir(folder)).toEqual(["catalogue.json"]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, "catalogue.json"))).mode & 0o777).toBe(0o600);
  });

  it("A catalogue makes nothing by being read", async () => {
    const folder = join(await tempFolder(), "state");
    await load(join(folder, "catalogue.json"));
    await expect(stat(folder)).rejects.toThrow("ENOENT");
  });

  it.each([
    ["cut off", good.slice(0, 100), "JSON"],
    ["empty", "", "JSON"],
    ["of something else", "[]", "Invalid"],
    ["of a peer with no counts", good.replace('"ok":2', '"ok":"two"'), "peers.ws://a.ok"],
    ["too large to be ours", " ".repeat(17 * 2 ** 20), "17825792 bytes"],
  ])("A catalogue that is %s is set aside, which is told, and learned anew", async (_, text, why) => {
    const { folder, path } = await place(text);
    expect(await load(path)).toEqual({ peers: {}, totals: noTotals, notice: part(why) });
    expect(await readdir(folder)).toEqual(["catalogue.json.damaged"]);
    expect(await readFile(`${path}.damaged`, "utf8")).toBe(text);
    expect(await learn(path)).toEqual([]);
    expect(await load(path)).toMatchObject({ totals: { runs: 1 } });
  });

  it("A catalogue that is found damaged only at the end is set aside, too", async () => {
    const { path } = await place("{");
    expect(await learn(path)).toEqual([part(`is kept as ${path}.damaged`)]);
    expect(await load(path)).toMatchObject({ totals: { runs: 1 } });
  });

  it("A catalogue of a newer version is left as it is", async () => {
    const newer = good.replace('"version":1', '"version":2');
    const { folder, path } = await place(newer);
    await expect(load(path)).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: part("version 2, expected at most 1"),
    });
    await expect(learn(path)).rejects.toMatchObject({ code: "LOCAL_IO" });
    expect(await readdir(folder)).toEqual(["catalogue.json"]);
    expect(await readFile(path, "utf8")).toBe(newer);
  });

  it("A code that a newer program wrote is an unknown one", async () => {
    const { path } = await place(good.replace("CHECKSUM_MISMATCH", "BAD_WEATHER"));
    expect((await load(path)).peers["ws://b"]).toMatchObject({ quarantinedFor: "UNKNOWN" });
  });

  it("A catalogue says what is wrong when its folder cannot be one", async () => {
    const { folder } = await place();
    await writeFile(join(folder, "state"), "");
    const path = join(folder, "state", "catalogue.json");
    await expect(load(path)).rejects.toMatchObject({ code: "LOCAL_IO", message: part(`cannot read ${path}`) });
    const folderError = part(`cannot make the folder ${join(folder, "state")}`);
    await expect(learn(path)).rejects.toMatchObject({ code: "LOCAL_IO", message: folderError });
  });

  it("A catalogue takes over the lock and the draft of a process that died at it", async () => {
    const { folder, path } = await place(good);
    await writeFile(`${path}.lock`, JSON.stringify({ id: crypto.randomUUID(), pid: 2 ** 30 }));
    await writeFile(draftName(path), "half a catalo");
    await learn(path);
    expect(await readdir(folder)).toEqual(["catalogue.json"]);
    expect(await load(path)).toMatchObject({ totals: { runs: 1 } });
  });

  it("A catalogue gives up, and changes nothing, when a process that lives does not let go", async () => {
    const { path } = await place(good);
    await writeFile(`${path}.lock`, JSON.stringify({ id: crypto.randomUUID(), pid: process.ppid }));
    await expect(learn(path)).rejects.toMatchObject({ code: "LOCAL_IO", message: part("in use by another process") });
    expect(await readFile(path, "utf8")).toBe(good);
  });

  it("A catalogue loses nothing of four processes that learn at once", async () => {
    const folder = await tempFolder();
    const path = join(folder, "state", "catalogue.json");
    await mkdir(join(folder, "state"));
    const writer = bundled(new URL("catalogueWriter.child.ts", import.meta.url));
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, [writer, path], { stdio: "inherit" }));
    const ends = await Promise.all(children.map((child) => once(child, "exit")));
    expect(ends).toEqual(Array(4).fill([0, null]));
    const { peers, totals } = await load(path);
    expect(totals).toMatchObject({ runs: 40, received: 40_000 });
    expect(peers["ws://a"]).toMatchObject({ ok: 80, failed: 40 });
    expect(await readdir(join(folder, "state"))).toEqual(["catalogue.json"]);
  });
});
