import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The built command. */
export const program = fileURLToPath(new URL("../../dist/tributary.js", import.meta.url));

/** A download that met somebody hostile. */
export interface Got {
  readonly exit: number | NodeJS.Signals;
  readonly stderr: string;
  readonly seconds: number;
  /** Most memory, bytes. */
  readonly peakBytes: number;
  /** A file under the name that is not the one. */
  readonly isWrong: boolean;
  /** Peers that were blacklisted, quarantined or excluded. */
  readonly blamed: ReadonlySet<string>;
}

interface Blaming {
  readonly type: string;
  readonly peer?: string;
}

const blames: ReadonlySet<string> = new Set(["peer-blacklisted", "peer-quarantined", "peer-excluded"]);

/** Runs `tributary get`; what takes longer is killed. */
export async function getFrom(sources: readonly string[], bytes: Buffer, limitSeconds: number): Promise<Got> {
  const folder = await mkdtemp(join(tmpdir(), "tributary-hostile-"));
  const started = performance.now();
  const words = [program, "get", ...sources, "-o", "copy", "--json", "--no-catalogue"];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const limit = setTimeout(() => child.kill("SIGKILL"), 1000 * limitSeconds);
  let peakBytes = 0;
  const look = setInterval(() => (peakBytes = Math.max(peakBytes, peakMemory(child.pid))), 25);
  const blamed = new Set<string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { type, peer = "" } = JSON.parse(line) as Blaming;
    if (blames.has(type)) blamed.add(peer);
  });
  const said = text(child.stderr);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  clearTimeout(limit);
  clearInterval(look);
  const seconds = (performance.now() - started) / 1000;
  const isThere = (await readdir(folder)).includes("copy");
  const isWrong = isThere ? !bytes.equals(await readFile(join(folder, "copy"))) : code === 0;
  await rm(folder, { recursive: true, force: true });
  return { exit: code ?? signal ?? "SIGKILL", stderr: await said, seconds, peakBytes, isWrong, blamed };
}

/** The most memory that a process has had, bytes; 0 where nobody tells it. */
export function peakMemory(pid: number | undefined): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid ?? 0}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
