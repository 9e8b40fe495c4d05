/**
 * The main job on real input: this very Node binary, seeded by five processes of which four misbehave, is downloaded with
 * the default policy, verified, and run. Arguments go on to `get`.
 */
import type { ChildProcess } from "node:child_process";
import { fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SeederOrder, SeederReport } from "./seeder.js";

const file = process.execPath;
const MB = 1e6;
const cast: readonly (Omit<SeederOrder, "file"> & { readonly role: string })[] = [
  { role: "healthy", host: "127.0.0.1", rate: 12 * MB },
  { role: "slow (1 MB/s)", host: "127.0.0.2", rate: MB },
  { role: "killed half way", host: "127.0.0.3", rate: 12 * MB },
  { role: "corrupts bytes", host: "127.0.0.4", rate: 12 * MB, corrupt: true },
  { role: "busy for 3 s", host: "127.0.0.5", rate: 12 * MB, busyMs: 3000 },
];

/** A seeder process with what it has reported so far. */
interface Actor {
  readonly role: string;
  readonly process: ChildProcess;
  readonly link: string;
  servedBytes: number;
}

async function hire({ role, ...order }: (typeof cast)[number]): Promise<Actor> {
  const process = fork(fileURLToPath(new URL("seeder.ts", import.meta.url)), [JSON.stringify({ file, ...order })]);
  const [first] = (await once(process, "message")) as [SeederReport];
  const actor: Actor = { role, process, link: "link" in first ? first.link : "", servedBytes: 0 };
  process.on("message", (report: SeederReport) => {
    if ("servedBytes" in report) actor.servedBytes = report.servedBytes;
  });
  return actor;
}

const folder = await mkdtemp(join(tmpdir(), "tributary-demo-"));
const actors = await Promise.all(cast.map(hire));
try {
  const { size } = await stat(file);
  for (const { role, link } of actors) console.log(`${new URL(link).host.padEnd(16)} ${role}`);
  const victim = actors.find(({ role }) => role === "killed half way");
  const watch = setInterval(() => {
    const served = actors.reduce((sum, actor) => sum + actor.servedBytes, 0);
    if (served > size / 2) victim?.process.kill("SIGKILL");
  }, 50);

  const cli = fileURLToPath(new URL("../../dist/tributary.js", import.meta.url));
  const out = join(folder, "node-copy");
  const links = actors.map(({ link }) => link);
  // These peers are gone in a minute: nothing of them is to be remembered.
  const flags = ["-o", out, "--no-catalogue", ...process.argv.slice(2)];
  const get = spawn(file, [cli, "get", ...links, ...flags], { stdio: "inherit" });
  const [code] = (await once(get, "exit")) as [number];
  clearInterval(watch);
  if (code !== 0) throw new Error(`the download ended with exit code ${code}`);

  await chmod(out, 0o755);
  const version = spawnSync(out, ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`\nThe downloaded binary runs: ${version} (this one is ${process.version})`);
  process.exitCode = version === process.version ? 0 : 1;
} finally {
  for (const { process: child } of actors) child.kill();
  await rm(folder, { recursive: true });
}
