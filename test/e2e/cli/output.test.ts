import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

let folder: string;
let film: string;

beforeEach(async () => {
  folder = await tempFolder();
  film = join(folder, "film.mkv");
  await writeFile(film, randomBytes(1_000_000));
});

describe("get --json", () => {
  it("With --json, `get` prints one event a line on stdout and nothing else anywhere", async () => {
    const { link } = await seedFile(film);
    const { stdout, stderr } = await runCli(folder, ["get", link, "-o", "mine", "--json"]);
    expect(stderr).toBe("");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; at: number });
    expect(events[0]?.type).toBe("resolving");
    expect(events.at(-1)?.type).toBe("download-completed");
    expect(events.every(({ at }) => typeof at === "number")).toBe(true);
  });

  it("With --json, `get` ends with the failure as an event, and the reason on stderr", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    const { stdout, stderr } = await runCli(folder, ["get", link, "-o", "mine", "--json", "--max-chunk-retries", "0"]);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      type: "download-failed",
      code: "RETRIES_EXHAUSTED",
      resumable: true,
    });
    expect(stderr).toMatch(/^tributary: the manifest could not be had: .*\n$/);
  });
});

describe("get", () => {
  it("A download goes on to the end when nobody reads the output of `get` any more", async () => {
    const { link } = await seedFile(film, { limitRate: 1_000_000 });
    const running = startCli(folder, ["get", link, "-o", "mine", "--json"]);
    await running.printed(/download-started/);
    running.child.stdout.destroy();
    expect((await running.finished).code).toBe(0);
    expect((await readFile(film)).equals(await readFile(join(folder, "mine")))).toBe(true);
  });

  it("Retries and switches are printed by `get` as they happen, and the account", async () => {
    const good = await seedFile(film, { limitRate: 1_000_000 });
    const gone = await seedFile(film, { host: "127.0.0.2" });
    gone.stop.unsubscribe();
    const { code, stdout } = await runCli(folder, [
      ...["get", good.link, gone.link, "-o", "mine"],
      ...["--initial-backoff-ms", "1", "--same-peer-retries", "1", "--no-parallel-retries"],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Retrying chunk \d+ \(attempt 1\/3\)$/m);
    expect(stdout).toMatch(/^ {2}by peer {3}ws:\/\/127\.0\.0\.1:\d+ 1\.00 MB$/m);
  });
});

describe("seed", () => {
  it("A seeder prints one link a file first, writes manifests on request, and serves until Ctrl-C", async () => {
    const films = join(folder, "films");
    await mkdir(join(films, "more"), { recursive: true });
    await writeFile(join(films, "a.mkv"), "a");
    await writeFile(join(films, "more", "b.mkv"), "b");
    await writeFile(join(films, ".hidden"), "c");
    await writeFile(join(films, "d.mkv.part"), "d");
    const seeding = startCli(folder, ["seed", "films", "--meta4"]);
    await seeding.printed(/(ws:.*\n){2}/);
    const got = await runCli(folder, ["get", "films/a.mkv.meta4"]);
    expect(got.code).toBe(0);
    seeding.child.kill("SIGINT");
    const { code, stdout, stderr } = await seeding.finished;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{64}\n){2}$/);
    const [first = ""] = stdout.split("\n");
    expect(stderr).toContain(`tributary: ${first}  films/a.mkv (1 B)\n`);
    expect(stderr).toMatch(/ got chunk 0 of films\/a\.mkv \(1 B\)\n/);
    expect(await readdir(films)).toEqual([".hidden", "a.mkv", "a.mkv.meta4", "d.mkv.part", "more"]);
    expect(await readFile(join(folder, "a.mkv"), "utf8")).toBe("a");
  });

  it.runIf(process.platform === "linux")(
    "A seeder leaves out a file of a folder that cannot be read, and says so also when it is quiet",
    async () => {
      const films = join(folder, "films");
      await mkdir(films);
      // What is no UTF-8 is read as another name, which nobody has.
      await writeFile(Buffer.concat([Buffer.from(`${films}/`), Buffer.from([0x62, 0xff])]), "b");
      const nothing = await runCli(folder, ["seed", "films", "--quiet"]);
      expect(nothing).toMatchObject({ code: 7, stdout: "" });
      expect(nothing.stderr).toMatch(
        /^tributary: films\/b\ufffd is left out: cannot read .*\ntributary: .*nothing is left to serve\n$/,
      );
      await writeFile(join(films, "c"), "c");
      const seeding = startCli(folder, ["seed", "films", "--quiet"]);
      const [link = ""] = /ws:.*/.exec(await seeding.printed(/ws:.*\n/)) ?? [];
      expect((await runCli(folder, ["get", link])).code).toBe(0);
      expect(await readFile(join(folder, "c"), "utf8")).toBe("c");
    },
  );

  it.runIf(process.platform === "linux")("A seeder says so when receivers will refuse the name of a file", async () => {
    await writeFile(join(folder, "what?"), "w");
    const seeding = startCli(folder, ["seed", "what?", "film.mkv", "--quiet"]);
    await seeding.printed(/(ws:.*\n){2}/);
    seeding.child.kill("SIGINT");
    expect((await seeding.finished).stderr).toMatch(
      /^tributary: what\?: whoever gets this file without -o has it as ROOT\.bin: .*"what\?" is refused: it has one of .*\n$/,
    );
  });

  it("A seeder leaves a manifest of the same file as it is", async () => {
    const made = ["manifest", "film.mkv", "--url", "https://mirror.example/film", "-o", "film.mkv.meta4"];
    expect((await runCli(folder, made)).code).toBe(0);
    const before = await readFile(`${film}.meta4`, "utf8");
    const seeding = startCli(folder, ["seed", "film.mkv", "--meta4"]);
    await seeding.printed(/ws:.*\n/);
    seeding.child.kill("SIGINT");
    expect((await seeding.finished).code).toBe(0);
    expect(await readFile(`${film}.meta4`, "utf8")).toBe(before);
  });

  it("A seeder with a token refuses strangers", async () => {
    const seeding = startCli(folder, ["seed", "film.mkv", "--quiet"], { TRIBUTARY_TOKEN: "right" });
    const [link = ""] = (await seeding.printed(/ws:.*\n/)).split("\n");
    expect((await runCli(folder, ["get", link, "-o", "a"])).code).toBe(6);
    expect((await runCli(folder, ["get", link, "-o", "a", "--token", "127.0.0.1=right"])).code).toBe(0);
  });
});

describe("a seeder and web pages", () => {
  it("A seeder lets in the web pages that --allow-origin names, and no others", async () => {
    const allowed = ["https://a.example", "https://b.example"];
    const seeding = startCli(folder, [
      "seed",
      "film.mkv",
      "--quiet",
      ...allowed.flatMap((origin) => ["--allow-origin", origin]),
    ]);
    const [link = ""] = (await seeding.printed(/ws:.*\n/)).split("\n");
    const opened = (origin: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(link, ["tributary.v1"], { origin });
        onTestFinished(() => socket.terminate());
        socket.on("error", () => undefined);
        socket.on("open", () => resolve("open"));
        socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
      });
    const answers = await Promise.all([...allowed, "https://c.example"].map(opened));
    expect(answers).toEqual(["open", "open", 403]);
    expect((await runCli(folder, ["seed", "film.mkv", "--allow-origin", "a.example"])).code).toBe(2);
  });
});

describe("status", () => {
  it("After a failed attempt `status` says how many chunks are not done, and why", async () => {
    await writeFile(film, randomBytes(4_000_000));
    const { link, stop } = await seedFile(film, { limitRate: 1_000_000 });
    const running = startCli(folder, ["get", link, "-o", "mine", "--json", "--initial-backoff-ms", "1"]);
    await running.printed(/"chunk-verified"/);
    stop.unsubscribe();
    expect((await running.finished).code).toBe(3);
    const { stdout } = await runCli(folder, ["status"]);
    expect(stdout).toMatch(
      /^ {2}at least one try failed for \d+ chunks? not done yet, last for chunk \d+ on ws:\S+ \([A-Z_]+\)$/m,
    );
  });

  it("In a folder without downloads `status` finds nothing, and shows damage without touching it", async () => {
    expect((await runCli(folder, ["status"])).stdout).toBe("no unfinished download in .\n");
    await writeFile(join(folder, "x.part.json"), "{");
    const { code, stdout } = await runCli(folder, ["status"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^x {2}not running\n {2}problem: /);
    expect(JSON.parse((await runCli(folder, ["status", "--json"])).stdout)).toMatchObject({
      path: "x",
      running: false,
    });
    expect(await readFile(join(folder, "x.part.json"), "utf8")).toBe("{");
  });

  it("A file in place of a folder is said by `status` to be no folder, and what is not there not to exist", async () => {
    expect(await runCli(folder, ["status", "film.mkv"])).toMatchObject({
      code: 7,
      stderr: "tributary: film.mkv is no folder\n",
    });
    expect(await runCli(folder, ["status", "nothing"])).toMatchObject({
      code: 5,
      stderr: "tributary: nothing does not exist\n",
    });
  });

  it("Every download is shown by `status`, whatever the lock of one says", async () => {
    for (const name of ["a", "b", "c"]) await writeFile(join(folder, `${name}.part.json`), "{");
    await writeFile(join(folder, "a.part.lock"), "null");
    await mkdir(join(folder, "b.part.lock"));
    const { code, stdout } = await runCli(folder, ["status", "--json"]);
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toEqual([
      { path: "a", running: false, problem: expect.stringContaining("if no download runs, remove it") as string },
      { path: "b", running: false, problem: expect.stringContaining("b.part.lock is a folder") as string },
      { path: "c", running: false, problem: expect.stringContaining("no checkpoint") as string },
    ]);
  });
});

describe("--version and --help", () => {
  it("The flags --version and --help are no failures", async () => {
    const [version, help] = await Promise.all([runCli(folder, ["--version"]), runCli(folder, ["get", "--help"])]);
    expect(version).toMatchObject({ code: 0, stderr: "" });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("--max-chunk-retries <n>");
  });
});
