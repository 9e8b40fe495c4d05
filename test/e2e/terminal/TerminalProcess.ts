import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { TerminalScreen, type TerminalSize, testsOwn } from "../../TerminalScreen.js";
import { Changes } from "../peers/Changes.js";
import { exitOf } from "../peers/exitOf.js";
import { program } from "../peers/GetProcess.js";

/** The line above the view, which that must never touch. */
export const prompt = "$ tributary";

interface TerminalOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** True when Ctrl-Z stops the command: its shell writes `betweenStopAndGo`, and lets it go on. @default it has no jobs */
  readonly hasJobs?: boolean;
}

/** Lines that its shell writes while the command is stopped, before that goes on. */
export const betweenStopAndGo = ["$ ls", "film.mkv  notes.pdf", "$ fg"];

/** The code of a command that Ctrl-Z stopped. */
const stopped = 148;

/** Longer than there is between two frames, ms. */
const someFrames = 250;

/** Sets the size, tells the terminal's path and the process, then becomes the command. */
const start = `stty cols "$1" rows "$2"; printf '\\033]${testsOwn};%s %s\\007%s\\n' "$(tty)" "$$" '${prompt}'; shift 2; exec "$@"`;

/** The built command on a pseudo-terminal, and the screen of its user. */
export class TerminalProcess {
  readonly screen: TerminalScreen;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
  /** All that was written, with its control sequences. */
  written = "";
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #changes = new Changes();
  #isOver = false;

  constructor(
    folder: string,
    args: readonly string[],
    size: TerminalSize,
    { env = {}, hasJobs = false }: TerminalOptions = {},
  ) {
    this.screen = new TerminalScreen(size);
    const command = ["sh", "-c", start, "sh", String(size.columns), String(size.rows), process.execPath, program];
    // A shell stays above the command, for `script` stops itself with a child that is stopped.
    const job = [...command, ...args].map(quoted).join(" ");
    const meanwhile = `echo; printf '%s\\n' ${betweenStopAndGo.map(quoted).join(" ")}; fg > /dev/null; code=$?`;
    const asJob = `set -m; ${job}; code=$?; while [ $code = ${stopped} ]; do ${meanwhile}; done; exit $code`;
    const line = `trap : INT; ${hasJobs ? asJob : `${job}; exit $?`}`;
    const { TRIBUTARY_TOKEN: _, NO_COLOR: _colours, ...inherited } = process.env;
    const usual = { TERM: "xterm-256color", LC_ALL: "C.UTF-8", SHELL: "/bin/sh" };
    const options = { cwd: folder, env: { ...inherited, ...usual, ...env } };
    this.#child = spawn("script", ["-qfec", line, "/dev/null"], options);
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => void this.#take(text));
    this.exit = exitOf(this.#child).then(async (exit) => {
      await this.screen.write("");
      this.#isOver = true;
      this.#changes.changed();
      return exit;
    });
  }

  /** What is seen, as one text. */
  get seen(): string {
    return this.screen.rows.join("\n");
  }

  /** Resolves when what its user sees is so. */
  until(what: string, holds: (terminal: this) => boolean): Promise<void> {
    const over = (): string | undefined => (this.#isOver ? this.screen.everything.join("\n") : undefined);
    return this.#changes.until(what, () => holds(this), { over });
  }

  /** Types keys. */
  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Resizes the terminal as a window is: what stands there is folded anew, then the command is told. */
  async resize(size: TerminalSize): Promise<void> {
    const { told } = this.screen;
    const { tty, pid } = await this.#place();
    process.kill(pid, "SIGSTOP");
    try {
      // What is on its way to the screen was written for the size before.
      const mark = `all before ${told.length}`;
      writeFileSync(tty, `\u001B]${testsOwn};${mark}\u0007`);
      await this.until("all is on the screen", () => told.includes(mark));
      this.screen.resize(size);
      execFileSync("stty", ["-F", tty, "cols", String(size.columns), "rows", String(size.rows)]);
      // Its timers are due when it goes on, as after a while without the processor.
      await setTimeout(someFrames);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }

  /** Resolves with the number of the command's process when that runs. */
  async pid(): Promise<number> {
    return (await this.#place()).pid;
  }

  /** Sends the command a signal. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), signal);
  }

  kill(): Promise<number | NodeJS.Signals | null> {
    this.#child.kill("SIGKILL");
    return this.exit;
  }

  async #place(): Promise<{ readonly tty: string; readonly pid: number }> {
    await this.until("the command runs", () => this.screen.told.length > 0);
    const [tty = "", pid = ""] = this.screen.told[0]?.split(" ") ?? [];
    return { tty, pid: Number(pid) };
  }

  async #take(text: string): Promise<void> {
    this.written += text;
    await this.screen.write(text);
    this.#changes.changed();
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
