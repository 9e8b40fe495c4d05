import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { SeederOrder, SeederReport, Served } from "../../../examples/demo/seeder.js";
import { bundled } from "../bundled.js";
import { Changes } from "./Changes.js";
import { exitOf } from "./exitOf.js";

const program = bundled(new URL("../../../examples/demo/seeder.ts", import.meta.url));

/** A seeder in a process of its own, and what it says of itself. */
export class SeederProcess {
  link = "";
  served: Served = { servedBytes: 0, requests: 0, connections: 0, dials: 0, refused: 0 };
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #changes = new Changes();
  #ended = false;

  /** Starts one; resolves when it listens. */
  static async start(order: SeederOrder): Promise<SeederProcess> {
    const seeder = new SeederProcess(order);
    await seeder.until("the seeder listens", () => seeder.link !== "");
    return seeder;
  }

  private constructor(order: SeederOrder) {
    this.#child = fork(program, [JSON.stringify(order)], { execArgv: [] });
    this.#exit = exitOf(this.#child).then(() => {
      this.#ended = true;
      this.#changes.changed();
    });
    this.#child.on("message", (report: SeederReport) => {
      if ("link" in report) this.link = report.link;
      else this.served = report;
      this.#changes.changed();
    });
  }

  /** Its name in events: `ws://127.0.0.x:port`. */
  get peer(): string {
    return this.link.slice(0, this.link.lastIndexOf("/"));
  }

  /** The most memory that it has had so far, bytes. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid ?? 0}/status`, "utf8");
    return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
  }

  get port(): number {
    return Number(new URL(this.link).port);
  }

  /** Resolves when what it says of itself is so. */
  until(what: string, holds: () => boolean): Promise<void> {
    return this.#changes.until(what, holds, { over: () => (this.#ended ? "the seeder has ended" : undefined) });
  }

  /** Resolves when nobody is connected any more: then all that it has served is counted. */
  left(): Promise<void> {
    return this.until("the client has left", () => this.served.connections === 0);
  }

  /** SIGKILL; resolves when it is gone, and its port free. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }
}
