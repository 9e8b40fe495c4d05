import { randomBytes } from "node:crypto";
import { access, mkdir, readFile, readdir, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filter, firstValueFrom, of } from "rxjs";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Manifest } from "../../../src/index.js";
import { createSeeder, serveWebSocket, writeMetalink } from "../../../src/node.js";
import { manifestOfFile } from "../../../src/adapters/node/manifestOfFile.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

const size = 3 * 262_144 + 5;
let folder: string;
let film: string;
let bytes: Buffer;
let target: string;

beforeEach(async () => {
  folder = await tempFolder();
  bytes = randomBytes(size);
  film = join(folder, "film.mkv");
  target = join(folder, "target");
  await mkdir(target);
  await writeFile(film, bytes);
});

const quick = ["--initial-backoff-ms", "1", "--max-backoff-ms", "2"];
const tls = (name: string) => fileURLToPath(new URL(`../../adapters/websocket/tls/${name}.pem`, import.meta.url));
const oneLine = /^tributary: [^\n]+\n$/;

describe("exit code 0", () => {
  it("Exit code 0 is for a download that is done, whose bytes are those of the file", async () => {
    const { link } = await seedFile(film);
    const { code, stdout, stderr } = await runCli(target, ["get", link]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Downloading film.mkv: 786 kB in 4 chunks");
    expect(stdout).toContain("Done: 786 kB verified");
    expect(bytes.equals(await readFile(join(target, "film.mkv")))).toBe(true);
    expect(await readdir(target)).toEqual(["film.mkv"]);
  });

  it("Exit code 0 is for a file that is here already, and asks nobody for bytes", async () => {
    const { link, stop } = await seedFile(film);
    await runCli(folder, ["manifest", "film.mkv", "-o", "film.meta4"]);
    stop.unsubscribe();
    await rename(film, join(folder, "mine.mkv"));
    const { code, stdout } = await runCli(folder, ["get", "film.meta4", link, "-o", "mine.mkv"]);
    expect({ code }).toEqual({ code: 0 });
    expect(stdout).toMatch(
      /^mine\.mkv: 786 kB in 4 chunks, all here already\nDone: 786 kB verified, nothing had to be fetched\n$/,
    );
    expect(stdout).not.toContain("Downloading");
  });

  it("Exit code 0 is for a root with the peers that have it", async () => {
    const { link, root } = await seedFile(film);
    const { code } = await runCli(target, ["get", root, "--peer", link.slice(0, -65), "-o", "mine.mkv", "--quiet"]);
    expect(code).toBe(0);
    expect(bytes.equals(await readFile(join(target, "mine.mkv")))).toBe(true);
  });

  it("Exit code 0 is for another file that may be replaced", async () => {
    const { link } = await seedFile(film);
    await writeFile(join(target, "film.mkv"), "another");
    const { code, stdout } = await runCli(target, ["get", link, "-o", "film.mkv", "--overwrite", "--quiet"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(bytes.equals(await readFile(join(target, "film.mkv")))).toBe(true);
  });

  it("Exit code 0 is for an empty file", async () => {
    await writeFile(film, "");
    const { link } = await seedFile(film);
    expect((await runCli(target, ["get", link])).code).toBe(0);
    expect(await readFile(join(target, "film.mkv"))).toHaveLength(0);
  });

  it("Exit code 0 is for a file that matches its manifest", async () => {
    const { stdout: meta4, stderr } = await runCli(folder, ["manifest", "film.mkv"]);
    expect((await runCli(folder, ["manifest", "film.mkv", "-o", "-"])).stdout).toBe(meta4);
    await writeFile(join(folder, "film.meta4"), meta4);
    const { code, stdout } = await runCli(folder, ["verify", "film.mkv", "film.meta4"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^tributary: root [0-9a-f]{64}\n$/) as string,
    });
    expect(stdout).toContain("film.mkv matches: 786 kB");
  });
});

describe("exit code 2", () => {
  const bad: [string, string[], RegExp][] = [
    [
      "an unknown option",
      ["get", "ws://a:1", "--bogus"],
      /get has no option --bogus; tributary get --help lists all that it has/,
    ],
    [
      "an option of another command",
      ["add", "--select", "x"],
      /add has no option --select, which is an option of get, verify;/,
    ],
    [
      "an option like one of its own",
      ["seed", "--seed-port=1"],
      /seed has no option --seed-port, .*; did you mean --port\?/,
    ],
    ["an option that is almost right", ["get", "x", "--max-chunk-retry", "3"], /did you mean --max-chunk-retries/],
    ["an unknown command", ["fetch"], /unknown command 'fetch'/],
    ["no source", ["get"], /missing required argument 'source'/],
    [
      "a value that is no number",
      ["get", "a", "--max-chunk-retries", "many"],
      /^tributary: --max-chunk-retries is "many"/,
    ],
    [
      "a number out of range",
      ["get", "a", "--max-chunk-retries=-1"],
      /--max-chunk-retries is -1; it must be a whole number/,
    ],
    [
      "a strategy that is none",
      ["get", "a", "--strategy", "fast"],
      /--strategy is "fast"; it must be one of balanced, fastest,/,
    ],
    [
      "a policy that is none",
      ["get", "a", "--policy", "bold"],
      /--policy is "bold"; it must be one of standard, adaptive/,
    ],
    ["a rate that is none", ["get", "a", "--limit-rate", "fast"], /--limit-rate is "fast"/],
    ["a source that is none", ["get", "film.mkv"], /"film.mkv" is no source/],
    ["an address that is none", ["get", "https:/a.example/f"], /"https:\/a.example\/f" is no URL/],
    [
      "a selection from no manifest",
      ["get", `ws://a:1/${"a".repeat(64)}`, "--select", "b"],
      /^tributary: --select is "b"; it chooses from a .meta4/,
    ],
    [
      "an address to serve on that is none",
      ["get", `ws://a:1/${"a".repeat(64)}`, "--seed", "--seed-host", "300.1.1.1"],
      /--seed-host is "300.1.1.1"; it must be a name or an address of this machine/,
    ],
    ["a source of `add` that is none", ["add", "foo"], /^tributary: "foo" is no source/],
    ["a link whose root is too short", ["get", "ws://127.0.0.1:9/abc"], /expected 64 hex digits/],
    [
      "a root without peers",
      ["get", "a".repeat(64)],
      /nobody is named who has the manifest of a+; .*tributary get --dht, --lan/,
    ],
    ["links of two files", ["get", `ws://a:1/${"a".repeat(64)}`, `ws://a:1/${"b".repeat(64)}`], /name two files/],
    ["a token without a host", ["get", "a", "--token", "hunter2"], /--token must be HOST=SECRET/],
    ["a port that is none", ["seed", "film.mkv", "--port", "http"], /--port is "http"/],
    [
      "a certificate without a key",
      ["seed", "film.mkv", "--cert", "film.mkv"],
      /--cert is of no use without its key; give --key, too/,
    ],
    [
      "a certificate that is none",
      ["seed", "film.mkv", "--cert", "film.mkv", "--key", tls("key")],
      /--cert is "film.mkv", which holds none; it must be the path of a file with certificates/,
    ],
    [
      "a key that is none",
      ["seed", "film.mkv", "--cert", tls("cert"), "--key", tls("cert")],
      /--key is ".*cert.pem", which holds none; it must be the path of a file with a private key/,
    ],
    [
      "a token that no client can bring",
      ["seed", "film.mkv", "--token", "hunter2 x"],
      /--token must be a secret of ASCII characters/,
    ],
    ["a chunk size of nothing", ["manifest", "film.mkv", "--chunk-size", "0"], /--chunk-size is "0"/],
    [
      "an address that is none",
      ["manifest", "film.mkv", "--url", "not a url"],
      /--url is "not a url"; it must be a ws/,
    ],
    [
      "an address nobody speaks",
      ["manifest", "film.mkv", "--url", "file:///film"],
      /--url is "file:\/\/\/film"; it must be a ws/,
    ],
    ["a chunk size beyond 64 MiB", ["manifest", "film.mkv", "--chunk-size", "67108865"], /from 1 to 67108864/],
    [
      "a config file that is not there",
      ["get", "a", "--config", "no.json"],
      /--config is "no.json", which cannot be read: no such file or directory \(ENOENT\); it must be/,
    ],
    [
      "a token file that is not there",
      ["get", "a", "--token-file", "no"],
      /--token-file is "no", which cannot be read: no such file or directory/,
    ],
    ["a CA that is not there", ["get", "a", "--ca", "no"], /--ca is "no", which cannot be read: no such file/],
    [
      "a certificate that is not there",
      ["seed", "film.mkv", "--cert", "no", "--key", "no"],
      /--cert is "no", which cannot be read: no such file/,
    ],
    ["a file name that is empty", ["get", `ws://a:1/${"a".repeat(64)}`, "-o", ""], /-o is ""; it must be the name/],
    ["stdout in place of a file", ["get", `ws://a:1/${"a".repeat(64)}`, "-o", "-"], /-o is "-"; .* give the name/],
    ["a name for a manifest that is empty", ["manifest", "film.mkv", "-o", ""], /-o is ""; it must be the name/],
    ["a path that is empty", ["seed", "film.mkv", ""], /PATH is ""; it must be the path of a file or a folder/],
  ];

  it.each(bad)("Exit code 2 is for %s, with one line that says so", async (_, args, words) => {
    const { code, stdout, stderr } = await runCli(folder, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain("hunter2");
  });

  it("Exit code 2 is for a config file with an unknown key or a bad value, both named", async () => {
    const config = join(target, "tributary.config.json");
    await writeFile(config, JSON.stringify({ maxRetries: 3 }));
    const unknown = await runCli(target, ["get", "a"]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown option "maxRetries"') as string,
    });
    await writeFile(config, JSON.stringify({ chunkTimeoutSecs: "soon" }));
    const bad = await runCli(target, ["get", "a"]);
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('chunkTimeoutSecs is "soon"') as string });
    expect(bad.stderr).toContain("tributary.config.json");
  });
});

it("Exit code 2 is for chunks so small that a file has too many of them", async () => {
  const large = join(target, "large");
  await writeFile(large, "");
  await truncate(large, 2 * 1024 * 1024);
  const { code, stderr } = await runCli(target, ["manifest", large, "--chunk-size", "1"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--chunk-size is 1, which is too small for this file");
});

describe("a tributary.config.json that lies in the working folder", () => {
  it("A tributary.config.json that lies in the working folder may not say where files go, unless it is given with --config", async () => {
    const { link } = await seedFile(film);
    await writeFile(join(target, "tributary.config.json"), JSON.stringify({ dir: "elsewhere" }));
    const found = await runCli(target, ["get", link]);
    expect(found).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(oneLine) as string });
    expect(found.stderr).toContain('holds "dir"');
    expect(await readdir(target)).toEqual(["tributary.config.json"]);
    expect((await runCli(target, ["get", link, "--config", "tributary.config.json"])).code).toBe(0);
    expect(await readdir(join(target, "elsewhere"))).toEqual(["film.mkv"]);
  });
});

describe("exit code 3", () => {
  it("Exit code 3 is for peers that are all dead, after the retries that flags over the config file allow", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    await writeFile(join(target, "tributary.config.json"), JSON.stringify({ maxChunkRetries: 9, initialBackoffMs: 1 }));
    const { code, stdout, stderr } = await runCli(target, ["get", link, "--max-chunk-retries", "2"]);
    expect(code).toBe(3);
    expect(stdout.match(/attempt \d\/2/g)).toEqual(["attempt 1/2", "attempt 2/2"]);
    expect(stderr).toMatch(oneLine);
    expect(await readdir(target)).toEqual(["tributary.config.json"]);
  });

  it("Exit code 3 is for peers that die on the way: what came is kept, and the same command goes on", async () => {
    await writeFile(film, (bytes = randomBytes(4_000_000)));
    const { link, stop, root } = await seedFile(film, { limitRate: 1_000_000 });
    const args = ["get", link, ...quick, "--json"];
    const running = startCli(target, args);
    await running.printed(/"chunk-verified"/);
    stop.unsubscribe();
    const { code, stderr } = await running.finished;
    expect({ code }).toEqual({ code: 3 });
    expect(stderr).toContain(
      "what was verified is kept; to begin anew, remove its .part, .part.json and .part.hashes; to go on: node ",
    );
    expect(await readdir(target)).toEqual(["film.mkv.part", "film.mkv.part.hashes", "film.mkv.part.json"]);
    const { stdout } = await runCli(target, ["status"]);
    expect(stdout).toMatch(/film\.mkv {2}\d+ % {2}not running/);
    expect(stdout).toContain(`root ${root}`);

    const port = Number(new URL(link).port);
    await seedFile(film, { port });
    const again = await runCli(target, args);
    expect(again.code).toBe(0);
    expect(bytes.equals(await readFile(join(target, "film.mkv")))).toBe(true);
    expect(await readdir(target)).toEqual(["film.mkv"]);
  });
});

describe("exit code 4", () => {
  it("Exit code 4 is for a file that differs from its manifest, and names the chunks", async () => {
    await runCli(folder, ["manifest", "film.mkv", "-o", "film.meta4"]);
    bytes[300_000] = (bytes[300_000] ?? 0) ^ 1;
    await writeFile(film, bytes);
    const { code, stderr } = await runCli(folder, ["verify", "film.mkv", "film.meta4"]);
    expect({ code }).toEqual({ code: 4 });
    expect(stderr).toBe("tributary: film.mkv is not the file of film.meta4: chunk 1 differs\n");
    await writeFile(film, bytes.subarray(0, 600_000));
    const short = await runCli(folder, ["verify", "film.mkv", "film.meta4"]);
    expect(short.stderr).toContain("it has 600000 bytes, expected 786437; chunks 1, 2, 3 differ");
  });

  it("Exit code 4 is for a manifest whose size does not fit its digests", async () => {
    const { stdout } = await runCli(folder, ["manifest", "film.mkv", "--url", "ws://127.0.0.1:9"]);
    await writeFile(join(target, "film.meta4"), stdout.replace(/<size>\d+/, "<size>99999999"));
    const { code, stderr } = await runCli(target, ["get", "film.meta4"]);
    expect({ code }).toEqual({ code: 4 });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain("4 piece hashes, expected 382");
    expect(await readdir(target)).toEqual(["film.meta4"]);
  });

  it("Exit code 4 is for a manifest whose digests are not those of the bytes", async () => {
    const manifest = await firstValueFrom(manifestOfFile(film));
    const { root, digests } = await firstValueFrom(manifestOfFile(await other()));
    const { code, stderr } = await runCli(target, ["get", await serveLie({ ...manifest, root, digests }), ...quick]);
    expect(stderr).toContain("tributary: ");
    expect({ code }).toEqual({ code: 4 });
    expect(await readdir(target)).not.toContain("film.mkv");
  });

  it.each([
    "../evil",
    "/etc/evil",
    "a\\b",
    "..",
    "\u001b[2Jevil",
    "con",
    ".evil",
    "Tributary.config.json",
    "evil.part.json",
  ])("A peer that names its file %j is not believed: the file is called by its root", async (name) => {
    const manifest = await firstValueFrom(manifestOfFile(film));
    const { code, stdout, stderr } = await runCli(target, ["get", await serveLie({ ...manifest, name }), ...quick]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("suggests a name that no file gets");
    expect(await readdir(target)).toEqual([`${manifest.root}.bin`]);
    await expect(access(join(folder, "evil"))).rejects.toThrow();
  });

  it("Exit code 4 is for a Metalink that names its file badly: nothing is written", async () => {
    const manifest = { ...(await firstValueFrom(manifestOfFile(film))), name: "../evil" };
    await writeFile(join(folder, "evil.meta4"), writeMetalink(manifest, [await serveLie(manifest)]));
    const { code, stderr } = await runCli(target, ["get", "../evil.meta4", ...quick]);
    expect({ code }).toEqual({ code: 4 });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(/; choose a name with -o \(the option out\)\n$/);
    expect(await readdir(target)).toEqual([]);
  });

  it("A manifest that names its file badly, from a peer or a file, does not matter when the file is given a name", async () => {
    const manifest = { ...(await firstValueFrom(manifestOfFile(film))), name: "../evil" };
    const link = await serveLie(manifest);
    await writeFile(join(target, "evil.meta4"), writeMetalink(manifest, [link]));
    expect((await runCli(target, ["get", link, "-o", "good.mkv"])).code).toBe(0);
    expect((await runCli(target, ["get", "evil.meta4"])).code).toBe(4);
    expect((await runCli(target, ["get", "evil.meta4", "-o", "fine.mkv"])).code).toBe(0);
    expect(await readdir(target)).toEqual(["evil.meta4", "fine.mkv", "good.mkv"]);
  });
});

describe("exit code 5", () => {
  it.each([
    ["get", ["get", "no.meta4"]],
    ["verify", ["verify", "no.mkv", "no.meta4"]],
    ["seed", ["seed", "no.mkv"]],
    ["manifest", ["manifest", "no.mkv"]],
    ["status", ["status", "no"]],
  ])("Exit code 5 is for a file that %s does not find", async (_, args) => {
    const { code, stdout, stderr } = await runCli(folder, args);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(/^tributary: no(\.\w+)? does not exist\n$/);
  });

  it("Exit code 5 is for a root that no peer knows, after one question", async () => {
    const { link } = await seedFile(film);
    const { code, stderr } = await runCli(target, ["get", link.slice(0, -64) + "f".repeat(64)]);
    expect({ code }).toEqual({ code: 5 });
    expect(stderr).toMatch(oneLine);
    expect(await readdir(target)).toEqual([]);
  });
});

describe("exit code 6", () => {
  it("Exit code 6 is for a wrong token, which is tried once, and for none", async () => {
    const { link } = await seedFile(film, { token: "right" });
    const wrong = await runCli(target, ["get", link, "--token", "127.0.0.1=wrong"]);
    expect(wrong.code).toBe(6);
    expect(wrong.stdout).not.toContain("attempt 1");
    expect(wrong.stderr).toMatch(oneLine);
    expect(wrong.stderr + wrong.stdout).not.toContain("wrong\n");
    expect((await runCli(target, ["get", link])).code).toBe(6);
  });

  it("The right token, from a flag, a file or the environment, exits with 0", async () => {
    const { link } = await seedFile(film, { token: "right" });
    const host = new URL(link).host;
    await writeFile(join(folder, "tokens"), `# mine\n${host}=right\n`);
    const codes = await Promise.all([
      runCli(target, ["get", link, "-o", "a", "--token", `${host}=right`]),
      runCli(target, ["get", link, "-o", "b", "--token-file", join(folder, "tokens")]),
      runCli(target, ["get", link, "-o", "c"], { TRIBUTARY_TOKEN: "127.0.0.1=right" }),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 0, 0]);
  });
});

describe("exit code 7", () => {
  it("Exit code 7 is for another file that has the name: it is left as it is", async () => {
    const { link } = await seedFile(film);
    await writeFile(join(target, "film.mkv"), "another");
    const { code, stderr } = await runCli(target, ["get", link, "-o", "film.mkv"]);
    expect({ code }).toEqual({ code: 7 });
    expect(stderr).toMatch(oneLine);
    expect(await readdir(target)).toEqual(["film.mkv"]);
    expect(await readFile(join(target, "film.mkv"), "utf8")).toBe("another");
  });

  it("Exit code 7 is for a folder that cannot be made, and for one that has the file's name", async () => {
    const { link } = await seedFile(film);
    await writeFile(join(target, "nowhere"), "a file");
    const nowhere = await runCli(target, ["get", link, "-d", join("nowhere", "deeper")]);
    expect(nowhere).toMatchObject({ code: 7, stderr: expect.stringMatching(oneLine) as string });
    expect((await runCli(target, ["get", link, "-d", join("new", "deeper")])).code).toBe(0);
    await mkdir(join(target, "film.mkv"));
    const taken = await runCli(target, ["get", link, "-o", "film.mkv"]);
    expect(taken).toMatchObject({ code: 7, stderr: expect.stringContaining("a folder") as string });
  });

  it.runIf(process.platform === "linux")("Exit code 7 is for a folder where the system has none made", async () => {
    const { link } = await seedFile(film);
    const { code, stderr } = await runCli(target, ["get", link, "-d", "/proc/nope"]);
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: "tributary: cannot make the folder /proc/nope: no such file or directory (ENOENT)\n",
    });
  });

  it("Exit code 7 is for a download that another process is at", async () => {
    const { link } = await seedFile(film, { limitRate: 100_000 });
    const first = startCli(target, ["get", link, "--json"]);
    await first.printed(/"attempt-started"/);
    expect((await runCli(target, ["status"])).stdout).toContain("running now");
    const second = await runCli(target, ["get", link]);
    expect(second).toMatchObject({ code: 7, stderr: expect.stringMatching(oneLine) as string });
    expect(second.stderr).toContain(`process ${first.child.pid ?? 0}`);
    first.child.kill("SIGKILL");
    await first.finished;
    expect((await runCli(target, ["status"])).stdout).toContain("not running");
  });

  it("Exit code 7 is for a manifest that would be written over another file, by seed and by manifest", async () => {
    await writeFile(join(folder, "film.mkv.meta4"), "mine");
    const seeding = await runCli(folder, ["seed", "film.mkv", "--meta4", "--quiet"]);
    expect(seeding).toMatchObject({ code: 7, stderr: expect.stringMatching(oneLine) as string });
    expect(seeding.stderr).toContain("film.mkv.meta4 exists already");
    const making = await runCli(folder, ["manifest", "film.mkv", "-o", "film.mkv.meta4"]);
    expect(making).toMatchObject({ code: 7, stderr: expect.stringContaining("--overwrite replaces it") as string });
    expect(await readFile(join(folder, "film.mkv.meta4"), "utf8")).toBe("mine");
    expect((await runCli(folder, ["manifest", "film.mkv", "-o", "film.mkv.meta4", "--overwrite"])).code).toBe(0);
  });

  it("Exit code 7 is for a manifest that cannot be written", async () => {
    await symlink("film.mkv.meta4", join(folder, "film.mkv.meta4"));
    expect(await runCli(folder, ["seed", "film.mkv", "--meta4", "--quiet"])).toMatchObject({ code: 7 });
    const { code, stderr } = await runCli(folder, ["manifest", "film.mkv", "-o", join("no", "such")]);
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: expect.stringMatching(/^tributary: cannot write .*\n$/) as string,
    });
  });

  it("Exit code 7 is for a port that is taken", async () => {
    const { link } = await seedFile(film);
    const { code, stderr } = await runCli(folder, ["seed", "film.mkv", "--port", new URL(link).port]);
    expect({ code }).toEqual({ code: 7 });
    expect(stderr).toContain("the port is in use");
  });
});

describe("exit code 130", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "Exit code 130 is for %s: saved, told how to go on, and gone on with",
    async (signal) => {
      await writeFile(film, (bytes = randomBytes(4_000_000)));
      const { link, stop } = await seedFile(film, { limitRate: 1_500_000 });
      const running = startCli(target, ["get", link, "--json", "--token", "127.0.0.1=hunter2"]);
      await running.printed(/"chunk-verified"/);
      running.child.kill(signal);
      const { code, stdout, stderr } = await running.finished;
      expect({ code }).toEqual({ code: 130 });
      expect(lastEvent(stdout)).toMatchObject({ type: "download-paused" });
      expect(stderr).toContain(`get ${link} --json --token 127.0.0.1=SECRET`);
      expect(await readdir(target)).toEqual(["film.mkv.part", "film.mkv.part.hashes", "film.mkv.part.json"]);
      stop.unsubscribe();
      await seedFile(film, { port: Number(new URL(link).port) });
      const again = await runCli(target, ["get", link, "--json"]);
      expect(again.code).toBe(0);
      const events = eventsIn(again.stdout);
      const started = events.find(({ type }) => type === "download-started");
      expect(started?.["resumedChunks"]).toBeGreaterThan(0);
      const { account } = lastEvent(again.stdout) as { account?: { received: number; resumed: number } };
      expect(account?.received).toBeLessThan(4_000_000);
      expect(bytes.equals(await readFile(join(target, "film.mkv")))).toBe(true);
    },
  );

  it("Exit code 130 is for Ctrl-C before anything was fetched", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    const running = startCli(target, ["get", link]);
    await running.printed(/No manifest/);
    running.child.kill("SIGINT");
    const { code, stdout, stderr } = await running.finished;
    expect({ code }).toEqual({ code: 130 });
    expect(stdout).toMatch(/^Paused before this run had anything to save$/m);
    expect(stderr).toMatch(/^tributary: paused; to try again: node \S+ get \S+\n$/);
    expect(await readdir(target)).toEqual([]);
  });
});

function eventsIn(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function lastEvent(stdout: string): unknown {
  return eventsIn(stdout).at(-1);
}

async function other(): Promise<string> {
  const path = join(folder, "other");
  await writeFile(path, randomBytes(size));
  return path;
}

/** Serves the film's bytes under a manifest of our own making; resolves with the link. */
async function serveLie(manifest: Manifest): Promise<string> {
  const source = { manifest, read: (offset: number, length: number) => of(bytes.subarray(offset, offset + length)) };
  const { promise, resolve, reject } = promiseOf<string>();
  const serving = serveWebSocket(createSeeder(new Map([[manifest.root, source]])))
    .pipe(filter((event) => event.type === "listening"))
    .subscribe({ next: ({ url }) => resolve(`${url}/${manifest.root}`), error: reject });
  onTestFinished(() => serving.unsubscribe());
  return promise;
}

function promiseOf<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
