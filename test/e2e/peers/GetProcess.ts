import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Account, DownloadEvent, DownloadEventOf, DownloadEventType } from "../../../src/index.js";
import { Changes } from "./Changes.js";
import { exitOf } from "./exitOf.js";

/** The built command. */
export const program = fileURLToPath(new URL("../../../dist/tributary.js", import.meta.url));

/** A command that prints events as JSON, in a process of its own, and what it printed. */
export class GetProcess {
  readonly events: DownloadEvent[] = [];
  stderr = "";
  readonly pid: number | undefined;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #changes = new Changes();
  #ended: string | undefined;

  constructor(folder: string, command: string, args: readonly string[]) {
    const { TRIBUTARY_TOKEN: _, ...env } = process.env;
    this.#child = spawn(command, args, { cwd: folder, env });
    this.pid = this.#child.pid;
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.events.push(JSON.parse(line) as DownloadEvent);
      this.#changes.changed();
    });
    this.exit = exitOf(this.#child).then((exit) => {
      this.#ended = `exit ${exit ?? "unknown"} ${this.stderr}`;
      this.#changes.changed();
      return exit;
    });
  }

  /** The events of one type, so far. */
  all<Type extends DownloadEventType>(type: Type): DownloadEventOf<Type>[] {
    return this.events.filter((event): event is DownloadEventOf<Type> => event.type === type);
  }

  /** Chunks named by the events of one type, each once. */
  chunks(type: "attempt-started" | "chunk-verified"): Set<number> {
    return new Set(this.all(type).map(({ chunk }) => chunk));
  }

  /** What the last event says of where every byte went. */
  get account(): Account {
    const last = this.events.at(-1);
    if (last === undefined || !("account" in last)) throw new Error(`the last event is ${JSON.stringify(last)}`);
    return last.account;
  }

  /** Resolves when so many bytes are verified, those that were there already included. */
  async verified(bytes: number): Promise<void> {
    await this.until(`${bytes} bytes are verified`, () => this.#verifiedBytes() >= bytes);
  }

  /** Resolves when what it printed is so. */
  until(what: string, holds: () => boolean): Promise<void> {
    return this.#changes.until(what, holds, { over: () => this.#ended });
  }

  /** Resolves with its exit, as `exit`, but not later than any test waits for anything. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.#changes.until("the command ends", () => this.#ended !== undefined);
    return this.exit;
  }

  /** Stops it as sleep stops a machine, for so long. */
  async sleep(ms: number): Promise<void> {
    this.#child.kill("SIGSTOP");
    await setTimeout(ms);
    this.#child.kill("SIGCONT");
  }

  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.#child.kill(signal);
    return this.ended();
  }

  #verifiedBytes(): number {
    const resumed = this.all("download-started").reduce((sum, { resumedBytes }) => sum + resumedBytes, 0);
    return this.all("chunk-verified").reduce((sum, { bytes }) => sum + bytes, resumed);
  }
}
