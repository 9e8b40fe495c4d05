import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { firstValueFrom, Subject } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { makeManifest, type ServeFilesOptions } from "../../../src/node.js";
import { cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await tempFolder();
  target = join(folder, "target");
  await mkdir(target);
  return cleanUp;
});

const quick = ["--max-chunk-retries", "0"];

/** A file of our own, its seeder, and what a metalink says of it. */
async function shared(name: string, size: number, options: ServeFilesOptions = {}) {
  const path = join(folder, name);
  const bytes = randomBytes(size);
  await writeFile(path, bytes);
  const { link, stop } = await seedFile(path, options);
  const { metalink } = await firstValueFrom(makeManifest(path, { urls: [link] }));
  const arrived = async () => bytes.equals(await readFile(join(target, name)));
  return { element: /<file[^]*<\/file>/.exec(metalink)?.[0] ?? "", arrived, stop, link };
}

interface Described {
  readonly element: string;
}

const documentOf = (...files: readonly Described[]) =>
  `<metalink>${files.map(({ element }) => element).join("")}</metalink>`;
const write = (...files: readonly Described[]) => writeFile(join(folder, "all.meta4"), documentOf(...files));

function eventsIn(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("get FILE.meta4 of several files", () => {
  it("The files of a metalink are downloaded by `get` into the folder, with a line for each and one for all", async () => {
    const [a, b] = [await shared("a", 300_000), await shared("b", 10)];
    await write(a, b);
    const { code, stdout, stderr } = await runCli(folder, ["get", "all.meta4", "-d", "target"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^a: Done: 300 kB verified/m);
    expect(stdout).toMatch(/^b: Done: 10 B verified/m);
    expect(stdout).toMatch(/^2 of 2 files, 300 kB in .*\n$/m);
    expect([await a.arrived(), await b.arrived()]).toEqual([true, true]);
  });

  it("A metalink that names nobody says so at once, and what helps, and gets its file of whoever is named beside it", async () => {
    const one = await shared("film", 3_000_000);
    const nobody = join(folder, "nobody.meta4");
    await writeFile(nobody, documentOf(one).replace(/<url[^]*?<\/url>/g, ""));
    const alone = await runCli(folder, ["get", nobody, "-d", target]);
    expect({ ...alone, stderr: "" }).toMatchObject({ code: 2, stdout: "" });
    expect(alone.stderr).toMatch(/names no mirror and no seeder of "film"; give .*-p ws:.*--dht, --lan/);
    expect(alone.stderr).not.toContain("within");
    expect(await readdir(target)).toEqual([]);
    const place = one.link.slice(0, one.link.lastIndexOf("/"));
    expect((await runCli(folder, ["get", nobody, "-d", target, "-p", place])).code).toBe(0);
    expect(await one.arrived()).toBe(true);
  });

  it("Files of a metalink that are selected by name or place are downloaded by `get`", async () => {
    const files = [await shared("a", 10), await shared("b", 10), await shared("c", 10)];
    await write(...files);
    const args = ["get", "all.meta4", "-d", "target", "-q", "--select", "c", "--select", "1"];
    expect((await runCli(folder, args)).code).toBe(0);
    expect(await readdir(target)).toEqual(["a", "c"]);
    const named = ["get", "all.meta4", "-d", "target", "-q", "--select", "2", "-o", "mine"];
    expect((await runCli(folder, named)).code).toBe(0);
    expect(await readdir(target)).toEqual(["a", "c", "mine"]);
  });

  it("A name that a metalink does not have is refused by `get`, with those that there are, and one name for all", async () => {
    await write(await shared("a", 10), await shared("b", 10));
    const unknown = await runCli(folder, ["get", "all.meta4", "-d", "target", "--select", "x"]);
    const must = "it must be the name of a file in the metalink, or its place there, from 1 to 2";
    expect(unknown).toMatchObject({ code: 5, stderr: `tributary: --select is "x"; ${must}: "a", "b"\n` });
    await writeFile(join(folder, "c"), "c");
    const verified = await runCli(folder, ["verify", "c", "all.meta4", "--select", "3"]);
    expect(verified).toMatchObject({ code: 5, stderr: `tributary: --select is "3"; ${must}: "a", "b"\n` });
    const several = `--select is not given, and the metalink names several files, none of which is called "c"`;
    const unsaid = await runCli(folder, ["verify", "c", "all.meta4"]);
    expect(unsaid).toMatchObject({ code: 5, stderr: `tributary: ${several}: "a", "b"\n` });
    const named = await runCli(folder, ["get", "all.meta4", "-o", "x"]);
    expect(named).toMatchObject({
      code: 2,
      stderr: "tributary: all.meta4 names 2 files, and x can be the name of one; select it, or give a folder\n",
    });
    expect(await readdir(target)).toEqual([]);
  });

  it("After a file of a metalink that fails, `get` goes on, and exits with the first failure's code", async () => {
    const [gone, taken, good] = [await shared("gone", 10), await shared("taken", 10), await shared("good", 10)];
    gone.stop.unsubscribe();
    await writeFile(join(target, "taken"), "another");
    await write(gone, taken, good);
    const { code, stdout, stderr } = await runCli(folder, ["get", "all.meta4", "-d", "target", "--json", ...quick]);
    expect({ code }).toEqual({ code: 3 });
    const ends = eventsIn(stdout).filter(({ type }) => /^download-(completed|failed)$/.test(String(type)));
    expect(ends.map(({ type, file }) => [file, type]).toSorted()).toEqual([
      [0, "download-failed"],
      [1, "download-failed"],
      [2, "download-completed"],
    ]);
    const lines =
      /^tributary: gone: .*\ntributary: taken: .*--overwrite replaces it.*\ntributary: 2 of 3 files failed; .*\n$/;
    expect(stderr).toMatch(lines);
    expect(await good.arrived()).toBe(true);
    expect(await readFile(join(target, "taken"), "utf8")).toBe("another");
  });

  it("All files of a metalink are stopped by Ctrl-C, and the same command goes on", async () => {
    const [a, b] = [await shared("a", 2_000_000, { limitRate: 1_000_000 }), await shared("b", 10)];
    await write(a, b);
    const args = ["get", "all.meta4", "-d", "target", "--json", "-j", "1"];
    const running = startCli(folder, args);
    await running.printed(/"chunk-verified"/);
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.finished;
    expect({ code }).toEqual({ code: 130 });
    expect(eventsIn(stdout).filter(({ type }) => type === "download-started")).toHaveLength(1);
    expect(stderr).toContain("paused and saved; to go on: ");
    expect(await readdir(target)).toEqual(["a.part", "a.part.hashes", "a.part.json"]);
    expect((await runCli(folder, args)).code).toBe(0);
    expect([await a.arrived(), await b.arrived()]).toEqual([true, true]);
  });
});

describe("get of a .meta4 by URL", () => {
  it("A .meta4 by URL is read once, and `get` downloads what it names", async () => {
    const [a, b] = [await shared("a", 300_000), await shared("b", 10)];
    const answer = documentOf(a, b);
    const { url, requests } = await serve((_, response) => response.end(answer), { path: "/all.meta4" });
    const { code, stderr } = await runCli(folder, ["get", url, "-d", "target", "-q"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(requests).toHaveLength(1);
    expect([await a.arrived(), await b.arrived()]).toEqual([true, true]);
  });

  it("The fate of a .meta4 by URL is told by `get`, as an event, too, and never its password", async () => {
    const { url } = await serve((_, response) => response.writeHead(404).end(), { path: "/all.meta4" });
    const secret = url.replace("//", "//me:hunter2@");
    const { code, stdout, stderr } = await runCli(folder, ["get", secret, "--json"]);
    expect({ code }).toEqual({ code: 5 });
    expect(eventsIn(stdout)).toMatchObject([{ type: "download-failed", code: "FILE_NOT_FOUND" }]);
    expect(stderr).toContain(url);
    expect(stdout + stderr).not.toContain("hunter2");
  });

  it("A .meta4 by URL that does not come is paused by Ctrl-C; the printed command has no password", async () => {
    const asked = new Subject<void>();
    const { url } = await serve(() => asked.next(), { path: "/all.meta4" });
    const heard = firstValueFrom(asked);
    const running = startCli(folder, ["get", url.replace("//", "//me:hunter2@")]);
    await heard;
    running.child.kill("SIGINT");
    const { code, stderr } = await running.finished;
    expect({ code }).toEqual({ code: 130 });
    expect(stderr).toContain(`get ${url.replace("//", "//SECRET@")}`);
  });
});

describe("verify", () => {
  it("A file and a manifest that are the other way round are told as such by `verify`, with the right command", async () => {
    await writeFile(join(folder, "the film"), "film");
    await runCli(folder, ["manifest", "the film", "-o", "it.meta4"]);
    expect(await runCli(folder, ["verify", "it.meta4", "the film"])).toEqual({
      ...{ code: 2, stdout: "" },
      stderr:
        "tributary: the film is no manifest, and it.meta4 is one: the file comes first, then its manifest: tributary verify 'the film' it.meta4\n",
    });
    await writeFile(join(folder, "other"), "film");
    expect(await runCli(folder, ["verify", "other", "the film"])).toMatchObject({ code: 4 });
  });

  it("The file's own name out of several in a metalink, or the selected one, is taken by `verify`", async () => {
    const whole = (name: string, hex: string) =>
      `<file name="${name}"><size>1</size><hash type="sha-256">${hex}</hash></file>`;
    const ofX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    await writeFile(join(folder, "all.meta4"), `<metalink>${whole("x", ofX)}${whole("y", "ab".repeat(32))}</metalink>`);
    await writeFile(join(folder, "x"), "x");
    expect(await runCli(folder, ["verify", "x", "all.meta4"])).toMatchObject({
      code: 0,
      stdout: `x matches: 1 B, SHA-256 ${ofX}\n`,
    });
    expect(await runCli(folder, ["verify", "x", "all.meta4", "--select", "2"])).toMatchObject({
      code: 4,
      stderr: `tributary: x is not the file of all.meta4: its SHA-256 is ${ofX}, expected ${"ab".repeat(32)}\n`,
    });
  });
});
