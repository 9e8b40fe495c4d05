import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describePage, sharedBrowser } from "../../chromium.js";
import { PageStage } from "./PageStage.js";
import { PageUser } from "./PageUser.js";

const KiB = 1024;
const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds wrong with a page in light and in dark, a line each. Its code comes by the debugger, which the page's policy does not bind. */
async function wrongIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(axeFile, "utf8"));
  const wrong: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
    const { violations } = await page.evaluate((options) => {
      const { axe } = globalThis as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } };
      return axe.run(options);
    }, {} as RunOptions);
    for (const { id, nodes } of violations)
      wrong.push(...nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary ?? ""}`));
  }
  return wrong;
}

/** Pixels that the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Moves the focus on by Tab until it is on what has this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement: at } = document;
      const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : undefined;
      return (at?.getAttribute("aria-label") ?? label ?? at?.textContent ?? "").trim();
    });
    if (name.test(focused)) return;
  }
  throw new Error(`no 80 steps of Tab lead to ${name}`);
}

describePage("the page of the daemon, for everybody", () => {
  let stage: PageStage;
  let user: PageUser;
  let page: Page;

  beforeAll(async () => {
    stage = await PageStage.open(sharedBrowser);
    page = await stage.openPage();
    user = new PageUser(page);
  });
  afterAll(() => stage.close());

  it("A list without downloads, the dialog that adds, settings, statistics and a race have nothing that axe finds wrong", async () => {
    await page.getByText("Nothing here yet.").waitFor();
    expect(await wrongIn(page)).toEqual([]);
    await page.getByRole("button", { name: "Add …", exact: true }).click();
    expect(await wrongIn(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Statistics" }).click();
    await page.getByText("Nothing was downloaded yet.").waitFor();
    expect(await wrongIn(page)).toEqual([]);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Save" }).waitFor();
    expect(await wrongIn(page)).toEqual([]);
    await page.getByRole("link", { name: "Lab" }).click();
    await page.getByRole("button", { name: "Race" }).click();
    await page.getByRole("slider", { name: "Virtual time" }).waitFor();
    expect(await wrongIn(page)).toEqual([]);
    expect(await page.getByRole("row", { name: /Policy B/ }).innerText()).not.toBe(
      (await page.getByRole("row", { name: /Policy A/ }).innerText()).replace("Policy A", "Policy B"),
    );
  });

  it("A download that runs, is done or failed has nothing that axe finds wrong, and scrolls at 320 pixels in one direction only", async () => {
    await page.getByRole("link", { name: "Downloads", exact: true }).click();
    const [steady, liar] = await stage.seed(4096 * KiB, {}, { corrupt: true });
    await user.limit("0.1");
    await user.add(`${steady?.link} ${liar?.link}`, "seen.bin");
    await user.hears(/^Chunk \d+: switched from/);
    await page.getByLabel("Chunk", { exact: true }).fill("0");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Chunk 0: / }).waitFor();
    expect(await wrongIn(page)).toEqual([]);
    expect(await narrowly(page)).toBe(0);
    await user.limit("");
    await user.sees("seen.bin", "Done");
    await page.getByRole("link", { name: "seen.bin" }).click();
    await page.getByText("Where the bytes went").waitFor();
    expect(await wrongIn(page)).toEqual([]);
    await user.add(liar?.link ?? "", "failed.bin");
    await user.sees("failed.bin", "Failed");
    expect(await wrongIn(page)).toEqual([]);
    for (const view of ["#/", "#/statistics", "#/settings", "#/lab"]) {
      await page.goto(new URL(view, page.url()).href);
      await page.getByRole("heading", { level: 2 }).first().waitFor();
      expect(await narrowly(page), view).toBe(0);
    }
  });

  it("A download is added, paused, resumed, opened and left by the keyboard alone", async () => {
    const [seeder] = await stage.seed(2048 * KiB, {});
    await user.limit("0.05");
    await page.keyboard.press("a");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.insertText(seeder?.link ?? "");
    await tabTo(page, /^Name/);
    await page.keyboard.insertText("keys.bin");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "keys.bin" }).and(page.locator(":focus")).waitFor();
    await tabTo(page, /^Pause$/);
    await page.keyboard.press("Enter");
    await user.sees("keys.bin", "Paused");
    await page.getByRole("status").getByText("keys.bin: Paused").waitFor();
    await tabTo(page, /^Resume$/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^Back to the list$/);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "keys.bin" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "keys.bin" }).and(page.locator(":focus")).waitFor();
    await user.limit("");
    await user.sees("keys.bin", "Done");
    expect(await stage.isRight("keys.bin")).toBe(true);
  });

  /** Pixels that the page is wider than a window of 320. */
  async function narrowly(at: Page): Promise<number> {
    const size = at.viewportSize() ?? { width: 1280, height: 900 };
    await at.setViewportSize({ width: 320, height: 700 });
    const wide = await overflow(at);
    await at.setViewportSize(size);
    return wide;
  }
});
