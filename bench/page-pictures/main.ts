/** `npm run pictures:page`: drives the page of the daemon through a download with faults, and writes docs/pictures anew: each state that it has. */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { launchChromium } from "../../test/chromium.js";
import { PageStage } from "../../test/e2e/page/PageStage.js";
import { benchCommand } from "../benchCommand.js";

const { png } = benchCommand("pictures:page", "writes docs/pictures anew: the states of the daemon's page")
  .option("--png <folder>", "writes them there as PNG, too, for programs that show no WebP")
  .parse()
  .opts<{ png?: string }>();

const MB = 1_000_000;
const folder = fileURLToPath(new URL("../../docs/pictures", import.meta.url));

/** Of five seeders, four misbehave: one is slow, one dies, one lies, one is busy at first. */
const cast = [
  { rate: 4 * MB },
  { rate: 0.4 * MB },
  { rate: 4 * MB },
  { rate: 4 * MB, corrupt: true },
  { rate: 4 * MB, busyMs: 2000 },
];

async function main(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const browser = await launchChromium();
  const stage = await PageStage.open(browser);
  try {
    const page = await stage.openPage();
    await page.getByText("Nothing here yet.").waitFor();
    await take(page, "empty", 420);
    await runAll(stage, page);
    await takeLab(page);
  } finally {
    await stage.close();
    await browser.close();
  }
}

/** A download with faults, and one that fails, in all that they look like. */
async function runAll(stage: PageStage, page: Page): Promise<void> {
  const [one, slow, mortal, liar, busy] = await stage.seed(
    72 * MB,
    ...cast.map((order) => ({ ...order, chunkSize: 128 * 1024 })),
  );
  const links = [one, slow, mortal, liar, busy].map((seeder) => seeder?.link ?? "");
  await add(page, links.join(" "), "field-recordings.tar");
  await page.getByText("cannot be trusted").first().waitFor();
  await page
    .getByText(/^3\d\s%|[( ]3\d\s%/)
    .first()
    .waitFor();
  await mortal?.kill();
  await page.getByText("blacklisted").first().waitFor();
  await page
    .getByText(/[( ][56]\d\s%/)
    .first()
    .waitFor();
  await openTroubled(page);
  await take(page, "running", 1080);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByText("by who brought them").click();
  await take(page, "dark", 1080);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 320, height: 1000 });
  await take(page, "narrow", 1500);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByText("Where the bytes went").waitFor();
  await page.getByLabel("Close the story of the chunk").click();
  await take(page, "done");
  for (const seeder of [one, slow, busy]) await seeder?.kill();
  await add(page, links[3] ?? "", "from-a-liar.tar");
  await page.locator(".error").waitFor();
  await take(page, "failed");
}

/** Opens the story of the chunk that was switched most often. */
async function openTroubled(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^All \d+ lines/ }).click();
  const lines = await page.getByText(/^Chunk \d+: switched/).allInnerTexts();
  await page.getByRole("button", { name: "Only the last lines" }).click();
  const chunks = lines.map((line) => /\d+/.exec(line)?.[0] ?? "0");
  const timesOf = (chunk: string): number => chunks.filter((each) => each === chunk).length;
  const [most = "0"] = chunks.sort((a, b) => timesOf(b) - timesOf(a));
  await page.getByLabel("Chunk", { exact: true }).fill(most);
  await page.keyboard.press("Enter");
  await page.locator(".lanes").waitFor();
}

async function takeLab(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Lab" }).click();
  await page.getByRole("button", { name: "Race" }).click();
  // Where the two are furthest from each other.
  await page.getByLabel("Virtual time").fill("4200");
  await take(page, "lab");
}

async function add(page: Page, addresses: string, name: string): Promise<void> {
  await page.getByRole("button", { name: "Add …", exact: true }).click();
  await page.getByLabel("Addresses, links or roots").fill(addresses);
  await page.getByLabel("Name (the file's own)").fill(name);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name }).waitFor();
}

async function take(page: Page, name: string, height?: number): Promise<void> {
  const path = `${folder}/${name}.webp`;
  await page.evaluate(() => scrollTo(0, 0));
  const size = page.viewportSize();
  if (size !== null && height !== undefined) await page.setViewportSize({ ...size, height });
  await page.screenshot({ path, type: "webp", quality: 80, fullPage: height === undefined });
  if (png !== undefined) await page.screenshot({ path: join(png, `${name}.png`), fullPage: height === undefined });
  console.log(`docs/pictures/${name}.webp: ${Math.round((await stat(path)).size / 1000)} kB`);
}

await main();
