import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import type { Link, LinkOrder } from "../../../bench/faults/Link.js";
import { openLink } from "../../../bench/faults/Link.js";
import type { SeederOrder } from "../../../examples/demo/seeder.js";
import { GetProcess, program } from "./GetProcess.js";
import { SeederProcess } from "./SeederProcess.js";

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** A folder, and the processes of one test, which end with it. */
export class Stage {
  readonly folder: string;
  /** Where a download goes. */
  readonly out: string;
  readonly #ends: (() => Promise<unknown>)[] = [];
  #file = "";
  #bytes: Buffer = Buffer.alloc(0);

  constructor(folder: string) {
    this.folder = folder;
    this.out = join(folder, "copy");
  }

  /** Makes the file that is to be served, of random bytes. */
  async file(size: number): Promise<void> {
    this.#bytes = randomBytes(size);
    this.#file = join(this.folder, "original");
    await writeFile(this.#file, this.#bytes);
  }

  /** The file that is to be served. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Starts seeders of the file, each on a host of its own. */
  seed(...orders: readonly Partial<SeederOrder>[]): Promise<SeederProcess[]> {
    return Promise.all(
      orders.map(async (order, index) => {
        const seeder = await SeederProcess.start({ file: this.#file, host: `127.0.0.${index + 2}`, ...order });
        this.atEnd(() => seeder.kill());
        return seeder;
      }),
    );
  }

  /** Puts each seeder behind a line of its own. */
  lines(
    seeders: readonly SeederProcess[],
    speedOf: (index: number) => Pick<LinkOrder, "bytesPerSecond" | "change">,
  ): Promise<(Link & Pick<SeederProcess, "link">)[]> {
    return Promise.all(
      seeders.map(async (seeder, index) => {
        const url = new URL(seeder.link);
        const { hostname: host, port } = url;
        const line = await openLink({ targetHost: host, targetPort: Number(port), host, ...speedOf(index) });
        this.atEnd(() => line.close());
        return { ...line, link: Object.assign(url, { port: line.port }).href };
      }),
    );
  }

  /** Starts the download of the file to `out`. */
  get(from: readonly Pick<SeederProcess, "link">[], ...args: readonly string[]): GetProcess {
    const words = [program, "get", ...from.map(({ link }) => link), "-o", this.out, ...args, "--json"];
    return this.#run(process.execPath, words);
  }

  /** The same in a shell that has set a limit before, such as `ulimit -n 64`. */
  getWithin(limit: string, from: readonly Pick<SeederProcess, "link">[], ...args: readonly string[]): GetProcess {
    const words = [program, "get", ...from.map(({ link }) => link), "-o", this.out, ...args, "--json"];
    return this.#run("/bin/sh", ["-c", `${limit}; exec "$0" "$@"`, process.execPath, ...words]);
  }

  /** Starts the download of the file from `seeder.test`, of which `names.child.ts` decides how it can be reached. */
  getByName({ link }: SeederProcess, ...args: readonly string[]): GetProcess {
    const named = Object.assign(new URL(link), { hostname: "seeder.test" }).href;
    const loaders = ["--import", import.meta.resolve("tsx"), "--import", import.meta.resolve("./names.child.ts")];
    return this.#run(process.execPath, [...loaders, program, "get", named, "-o", this.out, ...args, "--json"]);
  }

  /** Runs a command line, as a user would who copied it from the screen. */
  shell(line: string): GetProcess {
    return this.#run("/bin/sh", ["-c", `exec ${line}`]);
  }

  /** Whether the download is the file, byte for byte. */
  async isRight(): Promise<boolean> {
    return this.#bytes.equals(await readFile(this.out));
  }

  #run(command: string, args: readonly string[]): GetProcess {
    const get = new GetProcess(this.folder, command, args);
    this.atEnd(() => get.kill("SIGKILL"));
    return get;
  }

  /** Has something ended with the test. */
  atEnd(end: () => Promise<unknown>): void {
    this.#ends.push(end);
  }

  async close(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What all of them have served, bytes. */
export function servedBy(seeders: readonly SeederProcess[]): number {
  return seeders.reduce((sum, { served }) => sum + served.servedBytes, 0);
}

/** Chunks that the first run had verified, and the second asked for all the same. */
export function again(first: GetProcess, second: GetProcess): number[] {
  const before = first.chunks("chunk-verified");
  return [...second.chunks("attempt-started")].filter((chunk) => before.has(chunk));
}

/** A test with a stage of its own. */
export const it = test.extend<{ readonly stage: Stage }>({
  stage: async ({ task }, use) => {
    const stage = new Stage(await mkdtemp(join(tmpdir(), `tributary-${task.id}-`)));
    try {
      await use(stage);
    } finally {
      await stage.close();
    }
  },
});
