import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Kill } from "./Kill.js";

const program = fileURLToPath(new URL("../../dist/tributary.js", import.meta.url));
const hook = new URL("killAtCall.js", import.meta.url).href;

/** One process of the command. */
export interface Ended {
  /** Exit code, or the signal that ended it. */
  readonly exit: number | NodeJS.Signals;
  readonly seconds: number;
  /** How many events of each type it printed. */
  readonly events: Readonly<Record<string, number>>;
  readonly stderr: string;
}

export interface Order {
  /** Where `copy` is to be, and what downloads learn. */
  readonly folder: string;
  readonly words: readonly string[];
  readonly kill?: Kill;
  /** File for the numbers of its calls. */
  readonly counts?: string;
  /** Then it is killed as one that hangs. */
  readonly limitSeconds: number;
}

/** Runs `tributary get` until it ends, is killed as it was asked, or has taken too long. */
export async function runOnce({ folder, words, kill, counts, limitSeconds }: Order): Promise<Ended> {
  const watched = kill?.at === "call" || counts !== undefined;
  const started = performance.now();
  const args = [...(watched ? ["--import", hook] : []), program, "get", ...words, "-o", "copy", "--json"];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      TRIBUTARY_STATE: `${folder}.state`,
      ...(kill?.at === "call" && { CRASH_AT: JSON.stringify(kill) }),
      ...(counts !== undefined && { CRASH_COUNTS: counts }),
    },
  });
  const die = (): boolean => child.kill("SIGKILL");
  const timers = [setTimeout(die, 1000 * limitSeconds), ...(kill?.at === "time" ? [setTimeout(die, kill.ms)] : [])];
  const events: Record<string, number> = {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { type } = JSON.parse(line) as { readonly type: string };
    events[type] = (events[type] ?? 0) + 1;
    if (kill?.at === "event" && kill.type === type && kill.nth === events[type]) die();
  });
  const said = text(child.stderr);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  timers.forEach(clearTimeout);
  const exit = code ?? signal ?? "SIGKILL";
  return { exit, seconds: (performance.now() - started) / 1000, events, stderr: await said };
}
