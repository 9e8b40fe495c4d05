/**
 * `npm run bench:servers`: how real servers answer beside the lab's dialects, and the built program against them, each plain, at a rate that is far below the
 * server's own, and to a slow disk, so that a server that closes the connection does so while nothing is read. `--only SERVER` (may be repeated) chooses,
 * `--dialects` leaves the program out.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchCommand, chosenOf } from "../benchCommand.js";
import { type RealServer, realServers } from "./realServers.js";
import { tryDialect } from "./tryDialect.js";

const size = 20_000_000;
const limitMs = 60_000;
const program = fileURLToPath(new URL("../../dist/tributary.js", import.meta.url));
const slowDisk = fileURLToPath(new URL("slowDisk.child.ts", import.meta.url));

/** Ways to get a file: the words behind `node`. */
const ways: Readonly<Record<string, (url: string, out: string) => readonly string[]>> = {
  plain: (url, out) => [program, "get", url, "-o", out],
  "--limit-rate 5M": (url, out) => [program, "get", url, "-o", out, "--limit-rate", "5M"],
  "slow disk": (url, out) => ["--import", "tsx", slowDisk, url, out, "20"],
};

const { only = realServers, dialects } = benchCommand(
  "bench:servers",
  "Tributary against the real servers that are installed",
)
  .option("--only <server>", "this server; may be repeated", (name, before: readonly RealServer[] | undefined) => [
    ...(before ?? []),
    ...chosenOf(realServers, (each) => each === name),
  ])
  .option("--dialects", "only how they answer, beside the dialects of the tests' servers")
  .parse()
  .opts<{ readonly only?: readonly RealServer[]; readonly dialects?: true }>();

const folder = await mkdtemp(join(tmpdir(), "tributary-servers-"));
// Some serve as a user of their own, who has to find the files.
await chmod(folder, 0o755);
const [files, own] = [join(folder, "files"), join(folder, "own")];
await mkdir(files);
await mkdir(own);
const file = randomBytes(size);
await writeFile(join(files, "file.bin"), file);

const row = (...[name = "", ...cells]: readonly string[]): void => {
  console.log(`${name.padEnd(24)}${cells.map((cell) => cell.padEnd(18)).join("")}`);
};

const installed = only.filter((server) => server.isHere());
const missing = only.filter((server) => !installed.includes(server));
if (missing.length > 0) console.log(`Not installed: ${missing.map(({ name }) => name).join(", ")}\n`);
try {
  for (const server of installed) {
    if ((await tryDialect(server, join(folder, server.name))) > 0) process.exitCode = 1;
  }
  if (dialects === undefined) {
    row("\nserver", "how", "outcome", "bytes", "seconds");
    for (const server of installed) await tryServer(server);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function tryServer(server: RealServer): Promise<void> {
  const running = await server.start(files, own);
  try {
    for (const [way, wordsFor] of Object.entries(ways)) {
      const out = join(folder, "copy");
      const started = performance.now();
      const outcome = await run(wordsFor(`${running.origin}/file.bin`, out));
      const seconds = (performance.now() - started) / 1000;
      const isRight = await readFile(out).then(
        (bytes) => bytes.equals(file),
        () => false,
      );
      row(server.name, way, outcome, isRight ? "right" : "WRONG", seconds.toFixed(1));
      if (!isRight || outcome !== "exit 0") process.exitCode = 1;
      for (const left of [out, `${out}.part`, `${out}.part.json`]) await rm(left, { force: true });
    }
  } finally {
    await running.stop();
  }
}

async function run(words: readonly string[]): Promise<string> {
  const env = { ...process.env, TRIBUTARY_STATE: join(folder, "state") };
  const child = spawn(process.execPath, words, { env, stdio: "ignore", timeout: limitMs, killSignal: "SIGKILL" });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal === null ? `exit ${code}` : `killed after ${limitMs / 1000} s`;
}
