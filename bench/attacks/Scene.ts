import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { FaultServer } from "../../test/e2e/lab/FaultServer.js";
import { metalinkOf } from "../../test/e2e/lab/metalinkOf.js";
import { type CommandLine, commandLine, type Contestant } from "../rivals/contestants.js";
import { file } from "../rivals/rows.js";

/** A tool, and whether it is given digests. */
export interface Round {
  readonly tool: Contestant;
  readonly hasDigests: boolean;
}

const name = "file.bin";

/** A process of the tool. */
interface Running {
  readonly ended: Promise<{ readonly code: number | null }>;
  /** Its end; it is killed when it takes longer, and has no code then. */
  within(seconds: number): Promise<{ readonly code: number | null }>;
  kill(): Promise<unknown>;
}

/** Servers, a folder, and a tool that downloads from the ones into the other. */
export class Scene {
  readonly folder: string;
  readonly #servers: readonly FaultServer[];
  readonly #command: CommandLine;

  /** Nothing when the tool has no way to be asked for this. */
  static async set({ tool, hasDigests }: Round, servers: readonly FaultServer[]): Promise<Scene | undefined> {
    const folder = await mkdtemp(join(tmpdir(), "tributary-attack-"));
    const [first = "", ...more] = servers.map(({ url }) => url);
    const metalink = hasDigests ? join(folder, `${name}.meta4`) : undefined;
    if (metalink !== undefined) await writeFile(metalink, metalinkOf(file, name, [first, ...more]));
    const command = commandLine(tool, { urls: [first, ...more], metalink, folder, name });
    if (command !== undefined) return new Scene(folder, servers, command);
    await new Scene(folder, servers, [""]).close();
    return undefined;
  }

  private constructor(folder: string, servers: readonly FaultServer[], command: CommandLine) {
    this.folder = folder;
    this.#servers = servers;
    this.#command = command;
  }

  /** Bytes that were served. */
  get served(): number {
    return this.#servers.reduce((sum, { served }) => sum + served, 0);
  }

  get requests(): number {
    return this.#servers.reduce((sum, { requests }) => sum + requests, 0);
  }

  /** Resolves when so much is served, or half a minute has gone. */
  async until(holds: (served: number) => boolean): Promise<void> {
    for (let tries = 0; tries < 3000 && !holds(this.served); tries += 1) await setTimeout(10);
  }

  run(): Running {
    const [program, ...words] = this.#command;
    const child: ChildProcess = spawn(program, words, { cwd: this.folder, stdio: "ignore" });
    const ended = once(child, "exit").then(([code]: unknown[]) => ({ code: code as number | null }));
    const kill = (): Promise<unknown> => {
      child.kill("SIGKILL");
      return ended;
    };
    const within = async (seconds: number) => {
      const over = new AbortController();
      const limit = setTimeout(1000 * seconds, undefined, { signal: over.signal }).then(kill, () => undefined);
      await Promise.race([ended, limit]);
      over.abort();
      return ended;
    };
    return { ended, kill, within };
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What a tool that ended so has made of the file. */
export async function judge({ folder }: Scene, code: number | null): Promise<string> {
  if (code === null) return "hangs";
  if (code !== 0) return "says it failed";
  if (!(await readdir(folder)).includes(name)) return "WRONG: no file";
  const bytes = await readFile(join(folder, name));
  return bytes.equals(file.read(0, file.size)) ? "right" : "WRONG";
}
