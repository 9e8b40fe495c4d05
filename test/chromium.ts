/*
 * The browser that tests of pages drive: Chromium as the system has it, or the one that CHROMIUM names. Without one these tests are told as not run, by
 * name and on stderr; where CI is set they fail.
 *
 * A worker of vitest has one browser for all its files, whoever asks first launches it. What a test shall not share with others is in a context, which
 * is a profile of its own.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium, type LaunchOptions, type Page } from "playwright-core";
import { afterAll, describe, onTestFinished } from "vitest";

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const binary = process.env["CHROMIUM"] ?? usual.find((path) => existsSync(path));

if (binary === undefined) {
  const text = `no Chromium at ${usual.join(", ")}; install it (Debian: apt-get install chromium), or name one in CHROMIUM`;
  if (process.env["CI"] !== undefined) throw new Error(text);
  console.error(`NOT RUN: tests of pages: ${text}`);
}

/** For what never comes: no test depends on how long it takes. */
const patienceMs = 150_000;

let shared: Promise<Browser> | undefined;

/** As `describe`, for tests that need a browser: no context of theirs is there any more when they have ended. */
export function describePage(name: string, tests: () => void): void {
  describe.skipIf(binary === undefined)(name, () => {
    afterAll(async () => {
      const contexts = (await shared)?.contexts() ?? [];
      await Promise.all(contexts.map((context) => context.close()));
    });
    tests();
  });
}

/** The browser of this worker. Nobody closes it: it ends with the worker, or is there anew after a crash. */
export const sharedBrowser: Pick<Browser, "newContext"> = {
  newContext: async (options) => {
    shared ??= launchShared();
    const browser = await shared;
    const context = await browser.newContext(options);
    context.setDefaultTimeout(patienceMs);
    return context;
  },
};

/** A page in a profile of its own, which is gone after the test. */
export async function newPage(): Promise<Page> {
  const context = await sharedBrowser.newContext();
  onTestFinished(() => context.close());
  return context.newPage();
}

async function launchShared(): Promise<Browser> {
  const browser = await launchChromium({ handleSIGTERM: false });
  browser.once("disconnected", () => (shared = undefined));
  // So vitest ends a worker, and kills it soon after. Playwright ends its browsers at an exit at once, but takes its time with the signal, and does not exit.
  process.once("SIGTERM", () => process.exit());
  // A worker without vitest ends when nothing of it is open any more.
  process.once("disconnect", () => void browser.close());
  return browser;
}

/** A browser without a window, whose profile is new. It asks nobody outside for anything. */
export function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...options,
    ...(binary !== undefined && { executablePath: binary }),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}
