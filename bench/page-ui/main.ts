/** `npm run bench:page-ui`: what the daemon's page loads and costs, in Chromium, and what the daemon costs with many downloads. */
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../test/chromium.js";
import { DaemonProcess } from "../../test/e2e/page/DaemonProcess.js";
import { PageStage } from "../../test/e2e/page/PageStage.js";
import { PageUser } from "../../test/e2e/page/PageUser.js";
import { SeederProcess } from "../../test/e2e/peers/SeederProcess.js";
import { benchCommand, wholeFrom } from "../benchCommand.js";
import { FakeDaemon } from "./FakeDaemon.js";
import { writeManyDownloads } from "./manyDownloads.js";
import { pageBundle } from "./pageBundle.js";
import { rendererSeconds, residentBytes } from "./processFigures.js";

const { seconds } = benchCommand("bench:page-ui", "what the daemon's page loads and costs")
  .option("--seconds <n>", "how long each is watched (8)", wholeFrom(1), 8)
  .parse()
  .opts<{ seconds: number }>();

const MB = 1_000_000;
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

const { first, later } = pageBundle();
console.log(`first load: ${kB(first)} gzip (under 80 wanted); later, when they are needed:`);
for (const [name, bytes] of later) console.log(`  ${name}: ${kB(bytes)}`);

const browser = await launchChromium();
try {
  await watchMany(browser);
  await watchOne(browser);
} finally {
  await browser.close();
}
await weigh();
console.log(`load at the end: ${loadavg()[0]?.toFixed(1) ?? "unknown"}`);

/** Twenty downloads, one of them open, told by a fake daemon: frames and CPU. */
async function watchMany(of: Browser): Promise<void> {
  const daemon = await FakeDaemon.start(20);
  const page = await of.newPage();
  try {
    await page.goto(`${daemon.url}#/download/3`);
    await page.getByText(/^Chunks \d/).waitFor();
    const { frames, cpu } = await watch(page);
    console.log(
      `20 downloads of 10,000 chunks, one of them open (events of a fake daemon): ${frames.toFixed(0)} frames a second (50 wanted), ${(100 * cpu).toFixed(1)} % of a processor`,
    );
  } finally {
    await page.close();
    daemon.close();
  }
}

/** One download of a real daemon, open, 20 MB/s: messages and CPU. */
async function watchOne(of: Browser): Promise<void> {
  const stage = await PageStage.open(of);
  try {
    const [seeder] = await stage.seed(400 * MB, { rate: 20 * MB, chunkSize: 256 * 1024 });
    const page = await stage.openPage();
    let messages = 0;
    page.on("websocket", (socket) => socket.on("framereceived", () => (messages += 1)));
    const toldSoFar = (): number => messages;
    await page.reload();
    const user = new PageUser(page);
    await user.add(seeder?.link ?? "", "file.bin");
    await user.seesProgress("file.bin");
    const { frames, cpu, told } = await watch(page, toldSoFar);
    console.log(
      `a download of 20 MB/s, open: ${told.toFixed(1)} messages a second (10 at most), ${(100 * cpu).toFixed(1)} % of a processor (under 5 wanted), ${frames.toFixed(0)} frames a second`,
    );
  } finally {
    await stage.close();
  }
}

interface Watched {
  /** Frames a second. */
  readonly frames: number;
  /** CPU time of the renderers over wall time. */
  readonly cpu: number;
  /** Messages a second. */
  readonly told: number;
}

async function watch(page: Page, messages = (): number => 0): Promise<Watched> {
  const before = [rendererSeconds(), messages(), performance.now()] as const;
  await passed(seconds * 1000);
  const long = (performance.now() - before[2]) / 1000;
  const [cpu, told] = [(rendererSeconds() - before[0]) / long, (messages() - before[1]) / long];
  // Counted apart: to ask for each frame costs more than the page does.
  const frames = await page.evaluate<number>(countFrames(seconds * 500));
  return { frames, cpu, told };
}

/** Expression of frames a second, counted for so long; as text, for what makes JavaScript of this file adds calls that a page does not have. */
function countFrames(ms: number): string {
  return `new Promise((resolve) => {
    let [count, start] = [0, performance.now()];
    requestAnimationFrame(function next(at) {
      count += 1;
      if (at - start < ${ms}) requestAnimationFrame(next);
      else resolve((count * 1000) / (at - start));
    });
  })`;
}

/** Memory of a daemon with 1,000 downloads that are complete and 100 that wait, three of which run. */
async function weigh(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tributary-page-"));
  const seeder = await SeederProcess.start({ file: process.execPath, host: "127.0.0.2", rate: MB });
  let daemon: DaemonProcess | undefined;
  try {
    await writeManyDownloads(join(folder, "state"), { complete: 1000, waiting: 100, source: seeder.link });
    daemon = await DaemonProcess.start(folder);
    const few = residentBytes(daemon.pid);
    await passed(seconds * 1000);
    console.log(
      `daemon with 1,000 finished and 100 waiting downloads, 3 of which run: ${(residentBytes(daemon.pid) / MB).toFixed(0)} MB resident (under 150 wanted), ${(few / MB).toFixed(0)} at its start`,
    );
  } finally {
    await daemon?.kill("SIGKILL");
    await seeder.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
