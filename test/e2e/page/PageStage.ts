import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { SeederOrder } from "../../../examples/demo/seeder.js";
import { SeederProcess } from "../peers/SeederProcess.js";
import { DaemonProcess } from "./DaemonProcess.js";

/** What a test of the daemon's page needs: a daemon, seeders of a file and a browser's profile, in a folder; all of it ends with `close`. */
export class PageStage {
  readonly folder: string;
  readonly context: BrowserContext;
  daemon: DaemonProcess;
  readonly #seeders: SeederProcess[] = [];

  static async open(browser: Pick<Browser, "newContext">): Promise<PageStage> {
    const folder = await mkdtemp(join(tmpdir(), "tributary-page-"));
    const [daemon, context] = await Promise.all([
      DaemonProcess.start(folder),
      browser.newContext({ viewport: { width: 1280, height: 900 } }),
    ]);
    return new PageStage(folder, daemon, context);
  }

  private constructor(folder: string, daemon: DaemonProcess, context: BrowserContext) {
    this.folder = folder;
    this.daemon = daemon;
    this.context = context;
  }

  /** The page as the link opens it. */
  async openPage(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(await this.daemon.link());
    return page;
  }

  /** Seeders of one file of random bytes, each on a host of its own. */
  async seed(size: number, ...orders: readonly Partial<SeederOrder>[]): Promise<readonly SeederProcess[]> {
    const file = join(this.folder, "original");
    await writeFile(file, randomBytes(size));
    const seeders = await Promise.all(
      orders.map((order, place) =>
        SeederProcess.start({ file, host: `127.0.0.${place + 2}`, chunkSize: 64 * 1024, ...order }),
      ),
    );
    this.#seeders.push(...seeders);
    return seeders;
  }

  /** True when the download of this name is the seeders' file, byte for byte. */
  async isRight(name: string): Promise<boolean> {
    const [original, copy] = await Promise.all(
      ["original", join("downloads", name)].map((path) => readFile(join(this.folder, path))),
    );
    return original !== undefined && copy !== undefined && original.equals(copy);
  }

  /** Starts a daemon that takes up what the one before left. */
  async startAgain(): Promise<void> {
    this.daemon = await DaemonProcess.start(this.folder);
  }

  async close(): Promise<void> {
    await this.context.close();
    await Promise.all([this.daemon.kill("SIGKILL"), ...this.#seeders.map((seeder) => seeder.kill())]);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
