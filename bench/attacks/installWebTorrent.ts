import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contestant } from "../rivals/contestants.js";

const program = fileURLToPath(new URL("webtorrent.js", import.meta.url));
const limitMs = 120_000;

/**
 * WebTorrent, installed into this folder without running scripts of packages; nothing where that does not work. Of two packages older versions:
 * newer ones of `uint8-util` take no text where WebTorrent 2 gives it, and of `node-datachannel` need a script to be run.
 */
export async function installWebTorrent(folder: string, original: string): Promise<Contestant | undefined> {
  const overrides = { "node-datachannel": "0.33.4", "uint8-util": "2.2.5" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, overrides }));
  const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "webtorrent@2"];
  const { status } = spawnSync("npm", words, { cwd: folder, stdio: "ignore", timeout: limitMs });
  if (status !== 0) return undefined;
  return {
    name: "webtorrent",
    command: [process.execPath, program],
    flags: [folder, original],
    // A torrent has digests, so only jobs with digests are comparable.
    words: ({ urls, metalink, folder: to, name }) => (metalink === undefined ? undefined : [to, name, ...urls]),
  };
}
