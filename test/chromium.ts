/*
 * The browser that tests of pages drive: Chromium as the system has it, or the one that CHROMIUM names. Without one these tests are told as not run, by
 * name and on stderr; where CI is set they fail.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { describe } from "vitest";

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const binary = process.env["CHROMIUM"] ?? usual.find((path) => existsSync(path));

if (binary === undefined) {
  const text = `no Chromium at ${usual.join(", ")}; install it (Debian: apt-get install chromium), or name one in CHROMIUM`;
  if (process.env["CI"] !== undefined) throw new Error(text);
  console.error(`NOT RUN: tests of pages: ${text}`);
}

/** As `describe`, for tests that need a browser. */
export function describePage(name: string, tests: () => void): void {
  describe.skipIf(binary === undefined)(name, tests);
}

/** A browser without a window, whose profile is new. It asks nobody outside for anything. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(binary !== undefined && { executablePath: binary }),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
}
