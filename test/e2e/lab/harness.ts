import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import type { GetProcess } from "../peers/GetProcess.js";
import { Stage } from "../peers/harness.js";
import type { Content } from "./content.js";
import { contentOf } from "./content.js";
import type { Fault, Handler } from "./Exchange.js";
import type { FaultServerOptions } from "./FaultServer.js";
import { FaultServer } from "./FaultServer.js";
import { rate } from "./faults/pace.js";
import { serve } from "./serve.js";

/** What the first version of a file says of itself; another version says otherwise. */
export const facts = { etag: '"v1"', lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" };

/** Bytes a second that one connection is served, unless a test says otherwise. */
const speed = 8_000_000;

/** A file, servers of it on hosts of their own, and the built command that gets it. */
export class Lab {
  readonly servers: FaultServer[] = [];
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Makes the file. */
  async file(size: number): Promise<Content> {
    await this.#stage.file(size);
    return this.content;
  }

  get content(): Content {
    return contentOf(this.#stage.bytes);
  }

  /** Starts a server of the file with these faults. */
  serve(...faults: readonly Fault[]): Promise<FaultServer> {
    return this.start(serve(this.content, facts, ...faults, rate(speed)));
  }

  /** Starts a server that answers so. */
  async start(handler: Handler, options: FaultServerOptions = {}): Promise<FaultServer> {
    const host = `127.0.0.${this.servers.length + 2}`;
    const server = await FaultServer.start(handler, { host, ...options });
    this.servers.push(server);
    this.#stage.atEnd(() => server.close());
    return server;
  }

  /** Gets the file from all servers, in the order in which they were started. */
  get(...args: readonly string[]): GetProcess {
    return this.#stage.get(
      this.servers.map(({ url }) => ({ link: url })),
      ...args,
    );
  }

  /** The same in a shell that has set a limit before. */
  getWithin(limit: string, ...args: readonly string[]): GetProcess {
    return this.#stage.getWithin(
      limit,
      this.servers.map(({ url }) => ({ link: url })),
      ...args,
    );
  }

  /** Gets the file that a metalink describes. */
  getBy(metalink: string, ...args: readonly string[]): GetProcess {
    return this.#stage.get([{ link: metalink }], ...args);
  }

  get folder(): string {
    return this.#stage.folder;
  }

  get out(): string {
    return this.#stage.out;
  }

  /** Whether the download is the file, byte for byte. */
  isRight(): Promise<boolean> {
    return this.#stage.isRight();
  }

  /** Whether anything stands under the file's name. */
  async hasFile(): Promise<boolean> {
    return (await readdir(this.folder)).includes("copy");
  }

  /** Bytes that were served by all, over the size of the file. */
  get ratio(): number {
    return this.servers.reduce((sum, { served }) => sum + served, 0) / this.content.size;
  }

  get requests(): number {
    return this.servers.reduce((sum, { requests }) => sum + requests, 0);
  }

  get hasty(): number {
    return this.servers.reduce((sum, { hasty }) => sum + hasty, 0);
  }
}

/** A test with a lab of its own. */
export const it = test.extend<{ readonly lab: Lab }>({
  lab: async ({ task }, use) => {
    const stage = new Stage(await mkdtemp(join(tmpdir(), `tributary-${task.id}-`)));
    try {
      await use(new Lab(stage));
    } finally {
      await stage.close();
    }
  },
});
