import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { exitOf } from "../peers/exitOf.js";
import { program } from "../peers/GetProcess.js";

const run = promisify(execFile);

/** `tributary serve` in a process of its own, with a state folder and a folder of downloads of its own. */
export class DaemonProcess {
  readonly pid: number;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #env: NodeJS.ProcessEnv;

  /** Starts one, whose state and downloads are in `folder`; resolves when it listens. One that was there before is taken up again. */
  static async start(folder: string): Promise<DaemonProcess> {
    await mkdir(join(folder, "downloads"), { recursive: true });
    const daemon = new DaemonProcess(folder);
    for await (const line of createInterface({ input: daemon.#child.stdout })) {
      if (line.startsWith("listening")) return daemon;
    }
    throw new Error(`the daemon ended before it listened, with ${await daemon.exit}`);
  }

  private constructor(folder: string) {
    this.#env = { ...process.env, TRIBUTARY_STATE: join(folder, "state") };
    this.#child = spawn(process.execPath, [program, "serve", "--dir", join(folder, "downloads")], {
      env: this.#env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.pid = this.#child.pid ?? 0;
    this.exit = exitOf(this.#child);
  }

  /** The link of its page, as `tributary ui` prints it. */
  async link(): Promise<string> {
    const { stdout } = await run(process.execPath, [program, "ui", "--no-open"], { env: this.#env });
    return stdout.trim();
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.exit;
  }
}
