import { randomBytes } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { runCli, startCli } from "./runCli.js";

let folder: string;
let film: string;

beforeEach(async () => {
  folder = await tempFolder();
  film = join(folder, "film.mkv");
  await writeFile(film, randomBytes(4_000_000));
});

const get = (...args: readonly string[]): string[] => ["get", ...args, "--no-catalogue"];
/** A machine on which the package is not installed. */
const withoutPackage = `data:text/javascript,import { Module } from "node:module"; const found = Module._resolveFilename; Module._resolveFilename = (name, ...how) => { if (name === "node-datachannel") throw new Error("Cannot find module"); return found(name, ...how); };`;

describe("get --rtc", () => {
  it("A command that has a file and serves it over WebRTC is where another command gets it from, and both end cleanly", async () => {
    const { link } = await seedFile(film, { limitRate: 20_000 });
    await copyFile(film, join(folder, "mine"));
    const first = startCli(folder, get(link, "-o", "mine", "--rtc", "--seed"));
    await first.printed(/seeding until/);
    const second = await runCli(folder, get(link, "-o", "yours", "--rtc"));
    expect(second).toMatchObject({ code: 0, stdout: expect.stringMatching(/by peer {3}rtc:[0-9a-f]{16} /) as string });
    expect((await readFile(film)).equals(await readFile(join(folder, "yours")))).toBe(true);
    first.child.kill("SIGINT");
    expect(await first.finished).toMatchObject({ code: 0, stderr: expect.stringContaining("served") as string });
  });

  it("A command without the package says which one is needed and how it is had, and touches nothing", async () => {
    const { link } = await seedFile(film);
    const { code, stderr } = await runCli(folder, get(link, "-o", "mine", "--rtc"), {
      NODE_OPTIONS: `--import "${encodeURI(withoutPackage)}"`,
    });
    expect(stderr).toContain(
      "WebRTC needs the package node-datachannel, which cannot be loaded (Cannot find module); to install it: npm install node-datachannel",
    );
    expect(code).toBe(7);
  });

  it.each([
    ["servers for nothing", ["--ice-server", "stun:a:1"], "give --rtc, too"],
    [
      "a token that nobody could bring",
      ["--rtc", "--seed", "--seed-token", "s"],
      "--seed-token is of no use with --rtc",
    ],
    ["a server that is none", ["--rtc", "--ice-server", "http://a"], '--ice-server is "http://a"; it must be stun:'],
    [
      "a TURN server without a user",
      ["--rtc", "--ice-server", "turn:a:1"],
      '--ice-server is "turn:a:1"; it must be stun:',
    ],
  ])("The command get refuses %s", async (_name, flags, words) => {
    const { code, stderr } = await runCli(folder, get(`ws://127.0.0.1:1/${"ab".repeat(32)}`, ...flags));
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});
