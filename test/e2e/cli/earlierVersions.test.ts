import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import type { DownloadStats, KnownPeer } from "../../../src/node.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { someBytes } from "../../download/swarm.js";
import { tempFolder } from "../../tempFolder.js";
import { runCli } from "./runCli.js";

const written = fileURLToPath(new URL("../../fixtures/0.1.0/", import.meta.url));
const built = fileURLToPath(new URL("../../../dist/tributary.js", import.meta.url));
const commands = (await readFile(join(written, "commands.txt"), "utf8")).trim().split("\n");
const file = someBytes(60_000);

afterEach(cleanUp);

/** A folder in which the version was interrupted: `from` as it left it, under the name that the file has there. */
async function interrupted(from: "digests" | "plain", at: string) {
  const folder = await tempFolder();
  const validators = { etag: '"first"', "last-modified": "Sat, 01 Nov 2025 10:00:00 GMT" };
  const mirror = await serve(answerWith(file, validators), { path: "/film.bin" });
  const here = (text: string): string => text.replaceAll(":41999", `:${mirror.port}`);
  const copy = async (name: string, to: string): Promise<void> =>
    writeFile(join(folder, to), here(await readFile(join(written, name), "utf8")));
  await mkdir(join(folder, "films"));
  await cp(join(written, from, "film.bin.part"), join(folder, `${at}.part`));
  await copy(`${from}/film.bin.part.json`, `${at}.part.json`);
  await copy("digests/film.bin.meta4", "film.bin.meta4");
  await copy("catalogue.json", "catalogue.json");
  return { folder, mirror, here };
}

/** Runs a line as it is pasted into a shell that finds the built command. */
async function paste(folder: string, line: string): Promise<void> {
  const bin = await tempFolder();
  await symlink(built, join(bin, "tributary"));
  const env = { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter) };
  await promisify(execFile)("sh", ["-c", line], { cwd: folder, env });
}

describe.skipIf(process.platform === "win32")("The commands that version 0.1.0 printed", () => {
  it.each([
    ["by a Metalink", commands[0], "digests", "films/film.bin", 60_000 - 3 * 4096],
    ["by an address", commands[1], "plain", "film.bin", 60_000 - 26_500],
    ["by an address with a secret and a name of its own", commands[2], "plain", "two words.bin", 60_000 - 26_500],
  ] as const)("A printed command takes a download %s up again", async (_how, line = "", from, at, mostBytes) => {
    const { folder, mirror, here } = await interrupted(from, at);
    await paste(folder, here(line).replace("=SECRET", "='X-Key: a'"));
    expect(new Uint8Array(await readFile(join(folder, at)))).toEqual(file);
    expect((await readdir(join(folder, "films"))).concat(await readdir(folder)).join()).not.toContain(".part");
    const asked = mirror.requests.map(({ headers: { range = "" } }) => /(\d+)-(\d+)/.exec(range) ?? ["", 0, 59_999]);
    const bytes = asked.reduce((sum, [, first, last]) => sum + Number(last) - Number(first) + 1, 0);
    // Some of what is here is compared with what the mirror has.
    expect(bytes).toBeLessThanOrEqual(mostBytes + 8192);
  });
});

describe("The catalogue that version 0.1.0 kept", () => {
  it("The commands peers and stats show what version 0.1.0 learned", async () => {
    const { folder } = await interrupted("plain", "film.bin");
    const show = async (command: string) => {
      const { code, stdout } = await runCli(folder, [command, "--json"], { TRIBUTARY_STATE: folder });
      expect(code).toBe(0);
      return stdout.trim().split("\n");
    };
    const peers = (await show("peers")).map((line) => JSON.parse(line) as KnownPeer);
    expect(peers.map(({ state, why }) => [state, why])).toEqual(
      expect.arrayContaining([["quarantined", "CHECKSUM_MISMATCH"]]),
    );
    const [stats = ""] = await show("stats");
    expect(JSON.parse(stats) as DownloadStats).toMatchObject({ runs: 2, paused: 2, verified: 12_288 });
  });
});
