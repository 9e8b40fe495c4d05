import { randomBytes } from "node:crypto";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { KnownPeer } from "../../../src/node.js";
import { noTotals } from "../../../src/storage/Totals.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

let folder: string;
let film: string;
let state: string;

beforeEach(async () => {
  folder = await tempFolder();
  film = join(folder, "film.mkv");
  state = join(folder, "state");
  await writeFile(film, randomBytes(2_000_000));
});

const run = (...args: readonly string[]) => runCli(folder, args, { TRIBUTARY_STATE: state });
const placeOf = (link: string): string => link.slice(0, link.lastIndexOf("/"));
const jsonLines = (text: string): KnownPeer[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as KnownPeer);
/** So short that one failure in a row costs no second. */
const hasty = ["--initial-backoff-ms", "1", "--peer-failure-threshold", "1"];

/** A download from two peers, of which one dies when the first chunks are there. */
async function getWhileOneDies() {
  const good = await seedFile(film, { limitRate: 1_000_000 });
  const dying = await seedFile(film, { host: "127.0.0.2", limitRate: 1_000_000 });
  const args = ["get", good.link, dying.link, "-o", "mine", "--json", ...hasty];
  const running = startCli(folder, args, { TRIBUTARY_STATE: state });
  const verified = new RegExp(`"chunk-verified"[^\\n]*${placeOf(dying.link)}`);
  await running.printed(verified);
  dying.stop.unsubscribe();
  const finished = await running.finished;
  expect(finished.code).toBe(0);
  return { good: placeOf(good.link), dead: placeOf(dying.link), link: dying.link, finished };
}

describe("peers and stats", () => {
  it("The commands peers and stats show the rate of a peer whose chunks come in one message each", async () => {
    await writeFile(film, randomBytes(16_000_000));
    const { link } = await seedFile(film, { limitRate: 16_000_000 });
    expect((await run("get", link, "-o", "mine")).code).toBe(0);
    const [peer] = jsonLines((await run("peers", "--json")).stdout);
    expect(peer?.bytesPerSecond).toBeGreaterThan(6_400_000);
    expect(peer?.bytesPerSecond).toBeLessThan(32_000_000);
  });

  it("The commands peers and stats say that there is nothing yet, and where it would be", async () => {
    const path = join(state, "catalogue.json");
    expect(await run("peers")).toEqual({
      ...{ code: 0, stderr: "" },
      stdout: `no peer is known yet; downloads keep what they learn in ${path}\n`,
    });
    expect(await run("stats")).toEqual({
      ...{ code: 0, stderr: "" },
      stdout: `no download has ended yet; what becomes of them is kept in ${path}\n`,
    });
    expect(await run("peers", "--json")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(JSON.parse((await run("stats", "--json")).stdout)).toEqual(noTotals);
    expect(await readdir(folder)).toEqual(["film.mkv"]);
  });

  it("The commands peers and stats tell what a download with a dying peer left, and the next download knows it", async () => {
    const { good, dead, link, finished } = await getWhileOneDies();
    expect(finished.stdout).toContain('"type":"recovering"');
    expect(finished.stdout).toContain('"type":"recovered"');

    const { stdout } = await run("peers");
    expect(stdout).toMatch(new RegExp(`^${good} +\\S+ \\wB/s +\\S+ ms +\\d+ % +ok +\\d{4}-`, "m"));
    expect(stdout).toMatch(
      new RegExp(`^${dead} .* blacklisted until [-0-9]+ [:0-9]+ \\(in 4 min \\d\\d s\\) +CONNECTION_\\w+ `, "m"),
    );
    expect(stdout).toContain(`kept in ${join(state, "catalogue.json")}`);
    const known = jsonLines((await run("peers", "--json")).stdout);
    expect(known.map(({ peer }) => peer).sort()).toEqual([good, dead].sort());
    expect(known.find(({ peer }) => peer === dead)).toMatchObject({ state: "blacklisted" });
    expect(known.find(({ peer }) => peer === good)).toMatchObject({ state: "ok", failed: 0, successRate: 1 });

    const stats = await run("stats");
    expect(stats.stdout).toMatch(/^1 run since /);
    expect(stats.stdout).toContain("  completed 1 (100 % of those that were not paused)");
    expect(stats.stdout).toMatch(/^ {2}recovered \d+ \(100 % of \d+ chunks? that failed\), the slowest in /m);
    expect(JSON.parse((await run("stats", "--json")).stdout)).toMatchObject({
      ...{ runs: 1, completed: 1, verified: 2_000_000, completionShare: 1, recoveryShare: 1 },
    });

    const again = await run("get", `${good}/${link.slice(link.lastIndexOf("/") + 1)}`, link, "-o", "again");
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(new RegExp(`^Peer ${dead} is blacklisted for .* \\(CONNECTION_\\w+\\)$`, "m"));
    expect(again.stdout).not.toContain("Retrying");
  });

  it("The commands peers and stats keep no file names, for the owner's eyes only", async () => {
    await getWhileOneDies();
    const text = await readFile(join(state, "catalogue.json"), "utf8");
    expect(text).not.toContain("film.mkv");
    expect(text).not.toContain("mine");
    expect(await readdir(state)).toEqual(["catalogue.json"]);
  });

  it("The command stats counts a download that could not even begin", async () => {
    const { link, stop } = await seedFile(film);
    stop.unsubscribe();
    expect((await run("get", link, "-o", "mine", "--max-chunk-retries", "0")).code).toBe(3);
    const { stdout } = await run("stats");
    expect(stdout).toContain("  completed 0 (0 % of those that were not paused)\n  failed    RETRIES_EXHAUSTED 1");
  });

  it("The command peers forgets one peer, or all, and keeps the totals", async () => {
    const { good, dead } = await getWhileOneDies();
    expect(await run("peers", "--forget", dead)).toMatchObject({ code: 0, stderr: "tributary: forgot 1 peer\n" });
    expect(jsonLines((await run("peers", "--json")).stdout)).toMatchObject([{ peer: good }]);
    expect(await run("peers", "--forget", dead)).toMatchObject({
      code: 2,
      stderr: `tributary: --forget is "${dead}"; it must be all or a peer that "tributary peers" lists\n`,
    });
    expect(await run("peers", "--forget", "all")).toMatchObject({ code: 0, stderr: "tributary: forgot 1 peer\n" });
    expect(await run("peers", "--forget", "all")).toMatchObject({ code: 0, stderr: "tributary: forgot 0 peers\n" });
    expect((await run("peers")).stdout).toContain("no peer is known yet");
    expect((await run("stats")).stdout).toContain("1 run since");
  });

  it("The commands peers and stats say what is wrong with a damaged catalogue, and leave it to the next download", async () => {
    await getWhileOneDies();
    const path = join(state, "catalogue.json");
    await writeFile(path, "{");
    for (const command of ["peers", "stats"]) {
      const { code, stderr } = await run(command);
      expect(code).toBe(7);
      expect(stderr).toContain(`tributary: ${path} is no catalogue: `);
    }
    const { link } = await seedFile(film);
    const { code, stdout } = await run("get", link, "-o", "next");
    expect(code).toBe(0);
    expect(stdout).toContain(`is kept as ${path}.damaged; it is learned anew`);
    expect((await run("stats")).stdout).toContain("1 run since");
  });
});

describe("a download of somebody who wants nothing kept", () => {
  it("A download with --no-catalogue writes nothing and reads nothing of what downloads learn", async () => {
    const { link } = await seedFile(film);
    expect((await run("get", link, "-o", "mine", "--no-catalogue")).code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(["film.mkv", "mine"]);
  });

  it("A download with catalogue: false in a config file writes nothing and reads nothing of what downloads learn", async () => {
    await writeFile(join(folder, "tributary.config.json"), `{ "catalogue": false }`);
    const { link } = await seedFile(film);
    expect((await run("get", link, "-o", "mine")).code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(["film.mkv", "mine", "tributary.config.json"]);
  });

  it("A value of catalogue that is neither true nor false is refused", async () => {
    await writeFile(join(folder, "c.json"), `{ "catalogue": "no" }`);
    const { code, stderr } = await run("get", `ws://127.0.0.1:1/${"a".repeat(64)}`, "--config", "c.json");
    expect(code).toBe(2);
    expect(stderr).toContain(`catalogue is "no"; it must be true or false`);
  });
});

it("A state folder that cannot be made is told, and costs no download", async () => {
  await writeFile(state, "");
  await chmod(state, 0o600);
  const { link } = await seedFile(film);
  const { code, stdout } = await run("get", link, "-o", "mine");
  expect(code).toBe(0);
  expect(stdout).toContain(
    `What earlier downloads learned cannot be used: cannot read ${join(state, "catalogue.json")}`,
  );
  expect((await readFile(film)).equals(await readFile(join(folder, "mine")))).toBe(true);
});
