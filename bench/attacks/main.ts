/**
 * `npm run bench:attacks`: what is promised in docs/reliability.md, tried on Tributary and on others alike: aria2, axel, curl, wget, wget2 and
 * rclone as far as they are installed, and WebTorrent, which is installed into a temporary folder for the run.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { contestants, isHere } from "../rivals/contestants.js";
import { file, size } from "../rivals/rows.js";
import { attacks } from "./attacks.js";
import { installWebTorrent } from "./installWebTorrent.js";

interface Flags {
  readonly kills: number;
  readonly webtorrent: boolean;
}

const { kills, webtorrent } = benchCommand("bench:attacks", "the same attacks on Tributary and on others")
  .option("--kills <n>", "kills of each tool, spread over the file", wholeFrom(1), 8)
  .option("--no-webtorrent", "installs nothing")
  .parse()
  .opts<Flags>();

const home = await mkdtemp(join(tmpdir(), "tributary-attacks-"));
const original = join(home, "original");
const modules = join(home, "modules");
await mkdir(modules);
await writeFile(original, file.read(0, size));
try {
  const torrent = webtorrent ? await installWebTorrent(modules, original) : undefined;
  const tools = [...contestants.filter(isHere), ...(torrent === undefined ? [] : [torrent])];
  if (torrent === undefined) console.log("WebTorrent is left out: it was not, or could not be installed\n");
  console.log(`${size / 1024 ** 2} MiB; "right" is exit 0 and the file, "WRONG" exit 0 and another one, or none`);
  for (const { title, hasDigests, play } of attacks(kills)) {
    console.log(`\n${title}`);
    for (const tool of tools) {
      const said = await play({ tool, hasDigests });
      if (said !== undefined) console.log(`  ${tool.name.padEnd(12)}${said}`);
    }
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
