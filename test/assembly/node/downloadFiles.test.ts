import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concatMap, firstValueFrom, lastValueFrom, mergeAll, Subject, tap, toArray } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import type { DownloadEvent } from "../../../src/index.js";
import {
  downloadFile,
  downloadFiles,
  type DownloadFilesOptions,
  type FileDownload,
  makeManifest,
  metalinkFiles,
  type Source,
} from "../../../src/node.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { cleanUp, serve } from "../../adapters/http/harness.js";

let folder: string;
let dir: string;
let all: string;
const bytes = { a: randomBytes(300_000), b: randomBytes(10) };

beforeEach(async () => {
  folder = await tempFolder();
  dir = join(folder, "target");
  all = join(folder, "all.meta4");
  await mkdir(dir);
  await writeFile(join(folder, "a"), bytes.a);
  await writeFile(join(folder, "b"), bytes.b);
  return cleanUp;
});

const seeded = async (name: string) => elementOf(name, (await seedFile(join(folder, name))).link);
const write = (...files: readonly string[]) => writeFile(all, documentOf(...files));
const documentOf = (...files: readonly string[]) => `<metalink>${files.join("")}</metalink>`;
const quick = { maxChunkRetries: 0, initialBackoffMs: 1 };

async function elementOf(name: string, url: string): Promise<string> {
  const { metalink } = await firstValueFrom(makeManifest(join(folder, name), { urls: [url] }));
  return /<file[^]*<\/file>/.exec(metalink)?.[0] ?? "";
}

const planned = (sources: Source | readonly Source[], options: DownloadFilesOptions = {}) =>
  firstValueFrom(downloadFiles(sources, { dir, retry: quick, ...options }));

/** The only download that was planned, to its end. */
async function outcomeOf([download, ...others]: readonly FileDownload[]) {
  expect(others).toEqual([]);
  if (download === undefined) throw new Error("no download was planned");
  const types: DownloadEvent["type"][] = [];
  const failure: unknown = await lastValueFrom(download.events.pipe(tap(({ type }) => types.push(type)))).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { name: download.name, types, failure };
}

describe("downloadFiles", () => {
  it("Each file of a metalink has a download planned, which can be run one after the other", async () => {
    await write(await seeded("a"), await seeded("b"));
    const plan = await planned(all);
    expect(plan.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(await readdir(dir)).toEqual([]);
    const run = downloadFiles(all, { dir }).pipe(
      mergeAll(),
      concatMap(({ events }) => events),
      toArray(),
    );
    const events = await lastValueFrom(run);
    expect(events.flatMap((event) => (event.type === "download-started" ? event.manifest.name : []))).toEqual([
      "a",
      "b",
    ]);
    expect(events.filter(({ type }) => type === "download-completed")).toHaveLength(2);
    expect(bytes.a.equals(await readFile(join(dir, "a")))).toBe(true);
    expect(bytes.b.equals(await readFile(join(dir, "b")))).toBe(true);
  });

  it("The selected files of a metalink have downloads planned, and a single one can be named and have other sources", async () => {
    const [a, b] = [await seeded("a"), await elementOf("b", "ws://127.0.0.1:9")];
    await write(a, b);
    expect((await planned(all, { select: [2, "a"] })).map(({ name }) => name)).toEqual(["a", "b"]);
    const { link } = await seedFile(join(folder, "b"));
    const { failure } = await outcomeOf(await planned([link, all], { select: ["b"], out: "mine" }));
    expect(failure).toBeUndefined();
    expect(bytes.b.equals(await readFile(join(dir, "mine")))).toBe(true);
  });

  it("One download without a name is planned where there is no metalink", async () => {
    const { link } = await seedFile(join(folder, "b"));
    const { name, failure, types } = await outcomeOf(await planned(link));
    expect({ name, failure, last: types.at(-1) }).toEqual({
      name: undefined,
      failure: undefined,
      last: "download-completed",
    });
  });

  it("Every file of a metalink is given places, but no mirror and no name", async () => {
    await write(await elementOf("a", "ws://127.0.0.1:9"), await elementOf("b", "ws://127.0.0.1:9"));
    const several = `${all} names 2 files, and`;
    expect(await planned([all, "ws://127.0.0.1:9"])).toHaveLength(2);
    await expect(planned(all, { out: "x" })).rejects.toThrow(
      new TypeError(`${several} x can be the name of one; select it, or give a folder`),
    );
    await expect(planned([all, "ab".repeat(32)])).rejects.toThrow(
      new TypeError(`${several} the other sources are of one; select it, or leave them out`),
    );
  });

  it("A file of a metalink whose name could leave the folder fails, and only that one", async () => {
    const b = await seeded("b");
    await write(b.replace('name="b"', 'name="../b"'), b);
    const [evil, good] = await planned(all);
    expect((await outcomeOf([evil].flatMap((each) => each ?? []))).failure).toMatchObject({
      code: "INVALID_MANIFEST",
      message: expect.stringContaining('"../b" is refused: of its part "..", it is a folder') as string,
    });
    expect((await outcomeOf([good].flatMap((each) => each ?? []))).failure).toBeUndefined();
    expect(await readdir(folder)).toEqual(["a", "all.meta4", "b", "target"]);
  });

  it("A file whose name leads into folders goes into them, below the one that was chosen", async () => {
    await write((await seeded("b")).replace('name="b"', 'name="c/d/b"'), await seeded("a"));
    for (const download of await planned(all)) expect((await outcomeOf([download])).failure).toBeUndefined();
    expect(await readFile(join(dir, "c", "d", "b"))).toEqual(bytes.b);
    expect(await readdir(join(dir, "c", "d"))).toEqual(["b"]);
    const [again] = await planned(all, { select: ["c/d/b"] });
    const last = again && (await lastValueFrom(again.events));
    expect(last).toMatchObject({ type: "download-completed", account: { received: 0 } });
  });

  it("A folder on the way that is a link out of the one that was chosen is not followed, one that leads within it is", async () => {
    await mkdir(join(folder, "elsewhere"));
    await mkdir(join(dir, "real"));
    await symlink("../elsewhere", join(dir, "out"));
    await symlink("../nowhere", join(dir, "dangling"));
    await symlink("real", join(dir, "in"));
    const b = await seeded("b");
    const at = (name: string) => b.replace('name="b"', `name="${name}/b"`);
    await write(at("out"), at("out/deeper"), at("dangling"), at("in"));
    const outcomes = [];
    for (const download of await planned(all)) outcomes.push((await outcomeOf([download])).failure);
    const isLink = (name: string) => ({
      code: "INVALID_MANIFEST",
      message: expect.stringContaining(`${join(dir, name)} is a link that leads out of ${dir}`) as string,
    });
    expect(outcomes.slice(0, 3)).toMatchObject([isLink("out"), isLink("out"), isLink("dangling")]);
    expect(outcomes[3]).toBeUndefined();
    expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
    expect(await readdir(folder)).not.toContain("nowhere");
    expect(await readFile(join(dir, "real", "b"))).toEqual(bytes.b);
  });

  it("A thousand files count after what is selected of them", async () => {
    const many = Array.from({ length: 1500 }, (_, n) => `<file name="f${n}"><size>1</size></file>`);
    await write(...many, await seeded("b"));
    expect((await planned(all, { select: ["b", "f1"] })).map(({ name }) => name)).toEqual(["f1", "b"]);
    const { failure } = await outcomeOf(await planned(all));
    expect(failure).toMatchObject({
      code: "INVALID_MANIFEST",
      message: "the metalink names 1501 files, expected at most 1000 to be fetched at once: select some",
    });
  });

  it.each([
    ["lacks what is selected", "FILE_NOT_FOUND", 'select is "c"; it must be ', "c"],
    ["is none", "INVALID_MANIFEST", "its root element is html, expected metalink", undefined],
    ["is not there", "FILE_NOT_FOUND", "all.meta4 does not exist", undefined],
  ])("One download is planned that fails, with an event, when the metalink %s", async (_, code, words, selected) => {
    if (selected !== undefined) await write('<file name="a"><size>1</size></file>');
    else if (code === "INVALID_MANIFEST") await writeFile(all, "<html/>");
    const plan = await planned(all, selected === undefined ? {} : { select: [selected] });
    const { types, failure } = await outcomeOf(plan);
    expect(types).toEqual(["download-failed"]);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  it("Planned downloads ask nobody before they are subscribed, and read a metalink by URL once for all its files", async () => {
    const document = documentOf(await seeded("a"), await seeded("b"));
    const { url, requests } = await serve((_, response) => response.end(document), { path: "/all.meta4" });
    const plan = downloadFiles(url, { dir });
    expect(requests).toHaveLength(0);
    await lastValueFrom(
      plan.pipe(
        mergeAll(),
        concatMap(({ events }) => events),
      ),
    );
    expect(requests).toHaveLength(1);
    expect(await readdir(dir)).toEqual(["a", "b"]);
  });

  it("A planned download is paused while the metalink does not come, and hangs up", async () => {
    const pause = new Subject<void>();
    const closed = new Subject<void>();
    const { url } = await serve(
      (request) => {
        request.socket.on("close", () => closed.next());
        pause.next();
      },
      { path: "/all.meta4" },
    );
    const gone = firstValueFrom(closed);
    const { types, failure } = await outcomeOf(await planned(url, { pauseWhen: pause }));
    expect({ types, failure }).toEqual({ types: ["download-paused"], failure: undefined });
    await gone;
  });

  it.each([
    ["no source", () => downloadFiles([])],
    ["a selection without a metalink", () => downloadFiles(["http://a/f", "http://b/f"], { select: ["a"] })],
    ["a wrong option, whatever the metalink says", () => downloadFiles("all.meta4", { limitRate: 0 })],
    ["a secret that cannot be sent", () => downloadFiles("http://a/all.meta4", { tokens: { a: "b c" } })],
    ["a secret that is none, in the address", () => downloadFiles("http://%@a/all.meta4")],
  ])("Planning downloads is refused at the call for %s", (_, call) => {
    expect(call).toThrow(/.+/);
  });
});

describe("metalinkFiles", () => {
  it("The files of a metalink are listed, each a source of its own", async () => {
    await write(await seeded("a"), await seeded("b"));
    const files = await firstValueFrom(metalinkFiles(all));
    expect(files).toMatchObject([
      { name: "a", size: 300_000, manifest: { name: "a" }, urls: [expect.stringMatching(/^ws:/) as string] },
      { name: "b", size: 10 },
    ]);
    await lastValueFrom(downloadFile(files.slice(1), { dir }));
    expect(await readdir(dir)).toEqual(["b"]);
  });
});
