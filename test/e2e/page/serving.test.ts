import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import type { Page } from "playwright-core";
import { afterEach, expect, it } from "vitest";
import { downloadFile } from "../../../src/assembly/node/downloadFile.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { meetingBy, otherAt, saidToOversized, serveOversized } from "../../adapters/webrtc/harness.js";
import { describePage } from "../../chromium.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import type { InPage } from "./inPage.js";
import { openPage } from "./openPage.js";
import type { Begun } from "./sharing.js";

const mib = 1024 * 1024;
/** A rate at which a seeder brings the manifest, and next to nothing of the file. */
const slow = 100_000;
/** A rate at which those who are met bring most of the file, also where it takes a while to meet. */
const easy = mib / 4;

type Sharing = InPage["inPage"]["sharing"];
type Ended = Awaited<ReturnType<Sharing["ended"]>>;

/** A file, a seeder that has it and takes its time, where pages and programs meet, and one that is fast. */
async function original(size: number, limitRate = slow) {
  const folder = await tempFolder();
  const bytes = randomBytes(size);
  const path = join(folder, "film.mkv");
  await writeFile(path, bytes);
  const meeting = await seedFile(path, { limitRate, allowOrigins: ["*"] });
  const { link: fast } = await seedFile(path, { allowOrigins: ["*"] });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const whole = { type: "download-completed", size, sha256 };
  return { bytes, whole, link: meeting.link, fast, out: (name: string) => join(folder, name), meeting };
}

/** A page with one run of a download that serves. */
async function sharingPage(begun: Begun) {
  return sharingOn(await openPage(), begun);
}

/** One more run in a page. */
async function sharingOn(page: Page, begun: Begun) {
  const run = await page.evaluate((what) => (globalThis as unknown as InPage).inPage.sharing.begin(what), begun);
  return {
    page,
    ended: (): Promise<Ended> => page.evaluate((at) => (globalThis as unknown as InPage).inPage.sharing.ended(at), run),
    served: (bytes: number): Promise<void> =>
      page.evaluate(([at, all]) => (globalThis as unknown as InPage).inPage.sharing.served(at, all), [
        run,
        bytes,
      ] as const),
    told: (...words: readonly string[]): Promise<string> =>
      page.evaluate(([at, all]) => (globalThis as unknown as InPage).inPage.sharing.told(at, ...all), [
        run,
        words,
      ] as const),
    over: (): Promise<void> => page.evaluate((at) => (globalThis as unknown as InPage).inPage.sharing.over(at), run),
    stop: (): Promise<void> => page.evaluate((at) => (globalThis as unknown as InPage).inPage.sharing.stop(at), run),
  };
}

function byChannel(end: Ended): number {
  if (end.type !== "download-completed") throw new Error(JSON.stringify(end));
  return end.byChannel;
}

/** The reasons for which bytes came in vain. */
const wasted = (end: Ended): readonly string[] => Object.keys(("waste" in end ? end.waste : undefined) ?? {});

describePage("a page that serves", () => {
  afterEach(cleanUp);

  it("A page gets 64 MiB from another page while that downloads them itself, and no byte of it is wrong", async () => {
    const { link, fast, whole } = await original(64 * mib);
    const first = await sharingPage({ sources: [link, fast], place: "opfs" });
    await first.told("chunk-verified");
    const second = await sharingPage({ sources: [link], place: "blob" });
    const end = await second.ended();
    expect(end).toMatchObject(whole);
    expect(byChannel(end)).toBeGreaterThan(0.9 * whole.size);
    expect(wasted(end)).not.toContain("checksum");
    await first.served(0.9 * whole.size);
    expect(await first.ended()).toMatchObject(whole);
  });

  it("Node gets 64 MiB from a page that is whole, whose file is in memory", async () => {
    const { link, fast, whole, bytes, out } = await original(64 * mib);
    const page = await sharingPage({ sources: [link, fast], place: "blob" });
    expect(await page.ended()).toMatchObject(whole);
    const last = await lastValueFrom(downloadFile(link, { out: out("node"), rtc: true, catalogue: false }));
    expect(last.type).toBe("download-completed");
    expect(bytes.equals(await readFile(out("node")))).toBe(true);
    await page.served(0.9 * whole.size);
  });

  it("A file on the browser's disk is served after its end, to the bound of the ratio", async () => {
    const { link, fast, whole } = await original(4 * mib, mib);
    const first = await sharingPage({ sources: [link, fast], place: "opfs", ratio: 0.25, limitRate: 4 * mib });
    expect(await first.ended()).toMatchObject(whole);
    const second = await sharingPage({ sources: [link], place: "opfs" });
    await first.over();
    await first.served(whole.size / 4);
    expect(await second.ended()).toMatchObject(whole);
  });

  it("A file that is on the browser's disk already is served from there", async () => {
    const { link, fast, whole } = await original(4 * mib, easy);
    const { page, ended } = await sharingPage({ sources: [fast], place: "opfs", minutes: 0 });
    expect(await ended()).toMatchObject(whole);
    const again = await sharingOn(page, { sources: [link], place: "opfs" });
    expect(await again.ended()).toMatchObject(whole);
    const second = await sharingPage({ sources: [link], place: "blob" });
    const end = await second.ended();
    expect(end).toMatchObject(whole);
    expect(byChannel(end)).toBeGreaterThan(whole.size / 4);
  });

  it("A file that was copied into a chosen one is served from there, until somebody changes that", async () => {
    const { link, fast, whole } = await original(4 * mib, mib / 2);
    const first = await sharingPage({ sources: [link, fast], place: "opfs", toNamed: "chosen.mkv" });
    expect(await first.ended()).toMatchObject(whole);
    const second = await sharingPage({ sources: [link], place: "blob", minutes: 0 });
    const end = await second.ended();
    expect(end).toMatchObject(whole);
    expect(byChannel(end)).toBeGreaterThan(whole.size / 4);
    await second.page.close();
    await first.page.evaluate(() => (globalThis as unknown as InPage).inPage.sharing.change("chosen.mkv"));
    const third = await sharingPage({ sources: [link], place: "blob" });
    expect(await first.told("request-refused")).toContain("chosen.mkv changed since it was whole");
    const last = await third.ended();
    expect(last).toMatchObject(whole);
    expect(byChannel(last)).toBe(0);
  });

  it("Two pages that begin together with one slow seeder get most of the file from each other", async () => {
    const { link, whole } = await original(4 * mib, mib / 2);
    const pages = await Promise.all([openPage(), openPage()]);
    const both = await Promise.all(pages.map((page) => sharingOn(page, { sources: [link], place: "blob" })));
    const ends = await Promise.all(both.map((page) => page.ended()));
    for (const end of ends) {
      expect(end).toMatchObject(whole);
      expect(byChannel(end)).toBeGreaterThan(whole.size / 4);
    }
  });

  it("A page whose tab is closed in mid-download leaves the other to the seeder, at once", async () => {
    const { link, fast, whole } = await original(4 * mib, easy);
    const first = await sharingPage({ sources: [link, fast], place: "blob", limitRate: easy });
    expect(await first.ended()).toMatchObject(whole);
    const second = await sharingPage({ sources: [link], place: "opfs" });
    await first.served(mib / 2);
    await first.page.close();
    await second.told("peer-left", "rtc:");
    const end = await second.ended();
    expect(end).toMatchObject(whole);
    expect(byChannel(end)).toBeLessThan(whole.size / 2);
  });

  it("A page that stops serving is met no more, and one without the option shares nothing", async () => {
    const { link, fast, whole } = await original(mib);
    const first = await sharingPage({ sources: [link, fast], place: "blob" });
    expect(await first.ended()).toMatchObject(whole);
    await first.stop();
    const second = await sharingPage({ sources: [link, fast], place: "blob", minutes: 0 });
    const end = await second.ended();
    expect(end).toMatchObject(whole);
    expect(byChannel(end)).toBe(0);
    await second.over();
  });

  it("A file without digests is passed on to nobody, and the download says so", async () => {
    const open = { "access-control-allow-origin": "*", "access-control-expose-headers": "content-range" };
    const { url } = await serve(answerWith(Buffer.alloc(1000, 1), open), { host: "127.0.0.3", path: "/plain.bin" });
    const page = await sharingPage({ sources: [url], place: "blob" });
    expect(await page.told("notice")).toContain("plain.bin is not passed on to others");
    expect(await page.ended()).toMatchObject({ type: "download-completed", size: 1000 });
    await page.over();
  });

  it("A client that sends too large a message is told so before its channel is closed, and others are served on", async () => {
    const { link, fast, whole } = await original(4 * mib, easy);
    const page = await sharingPage({ sources: [link, fast], place: "blob" });
    expect(await page.ended()).toMatchObject(whole);
    const { said, code } = await saidToOversized(await otherAt(await meetingBy(link)));
    expect({ said, code }).toEqual({ said: ["hello", "PROTOCOL_ERROR"], code: "CONNECTION_LOST" });
    const other = await sharingPage({ sources: [link], place: "blob" });
    expect(byChannel(await other.ended())).toBeGreaterThan(0);
  });

  it("One who sends a page too large a message is left, and the file comes from the seeder", async () => {
    const { link, whole } = await original(mib, slow);
    await meetingBy(link, serveOversized);
    const page = await sharingPage({ sources: [link], place: "blob" });
    await page.told("PROTOCOL_ERROR", "rtc:");
    expect(await page.ended()).toMatchObject(whole);
  });
});
