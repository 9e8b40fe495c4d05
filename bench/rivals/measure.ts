import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { CommandLine } from "./contestants.js";

/** What a command cost. */
export interface Cost {
  readonly code: number | null;
  readonly seconds: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly peakBytes: number;
  /** What it wrote there, as far as it was asked to tell more than it does of itself. */
  readonly stderr: string;
}

const ticksPerSecond = 100;
const lookEveryMs = 10;

/**
 * Runs a command to its end. Its CPU time and most memory are what /proc said when it was last looked at, at most 10 ms before
 * the end: nobody tells Node what its children have used. `env` is over the environment of this process.
 */
export async function measure(
  [program, ...words]: CommandLine,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const started = performance.now();
  const child = spawn(program, words, {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  const said = text(child.stderr);
  let seen = { userSeconds: 0, systemSeconds: 0, peakBytes: 0 };
  const look = setInterval(() => (seen = lookAt(child.pid) ?? seen), lookEveryMs);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(look);
  const seconds = (performance.now() - started) / 1000;
  return { code, seconds, stderr: await said, ...seen };
}

function lookAt(pid: number | undefined) {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${pid ?? 0}/status`, "utf8");
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
    // It is on its way out, and has no memory left to speak of.
    if (kilobytes === undefined) return undefined;
    return {
      userSeconds: Number(fields[11]) / ticksPerSecond,
      systemSeconds: Number(fields[12]) / ticksPerSecond,
      peakBytes: Number(kilobytes) * 1024,
    };
  } catch {
    // It has ended between two looks.
    return undefined;
  }
}
