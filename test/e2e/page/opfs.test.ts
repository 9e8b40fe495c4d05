import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describePage, launchChromium } from "../../chromium.js";
import { syntheticContent } from "../lab/content.js";
import type { OnDisk, Verb } from "./opfs.page.js";

const MiB = 1024 * 1024;
const content = syntheticContent(8 * MiB);
const bytes = content.read(0, content.size);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const whole = { type: "download-completed", size: content.size, sha256 };

/** A question for a range of the file. */
interface Asked {
  readonly from: number;
  readonly response: ServerResponse;
}

describePage("a download onto the disk of a browser", () => {
  let browser: Browser | undefined;
  let context: BrowserContext | undefined;
  let server: Server | undefined;
  let origin = "";
  let asked: Asked[] = [];
  /** No answer goes beyond that place of the file: it stays open there. */
  let most = Infinity;
  let script = "";

  beforeAll(async () => {
    browser = await launchChromium();
    const entry = fileURLToPath(new URL("opfs.page.ts", import.meta.url));
    const built = await build({
      entryPoints: [entry],
      bundle: true,
      format: "iife",
      write: false,
      logLevel: "warning",
    });
    script = built.outputFiles[0]?.text ?? "";
    const own = (server = createServer(answer));
    await new Promise<void>((done) => own.listen(0, "127.0.0.2", done));
    origin = `http://127.0.0.2:${(own.address() as AddressInfo).port}`;
  });

  beforeEach(async () => {
    asked = [];
    most = Infinity;
    await context?.close();
    context = await browser?.newContext();
  });

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    if (url === "/page.js") response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    else if (url === "/file.bin") part(headers.range ?? "", response);
    else response.writeHead(200, { "content-type": "text/html" }).end(`<script src="/page.js"></script>`);
  }

  function part(range: string, response: ServerResponse): void {
    const [, first = "0", last = String(content.size - 1)] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    const [from, end] = [Number(first), Math.min(content.size, Number(last) + 1)];
    asked.push({ from, response });
    response.writeHead(206, {
      etag: '"1"',
      "content-length": end - from,
      "content-range": `bytes ${from}-${end - 1}/${content.size}`,
    });
    const upTo = Math.max(from, Math.min(end, most));
    response.write(bytes.subarray(from, upTo));
    if (upTo === end) response.end();
  }

  async function open(): Promise<Page> {
    if (context === undefined) throw new Error("there is no browser");
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    return page;
  }

  const inPage = async (page: Page, verb: Verb, ...words: readonly unknown[]): Promise<unknown> =>
    page.evaluate(([name, all]) => (globalThis as unknown as OnDisk).onDisk[name](...all), [verb, words] as const);

  it("A file comes onto the disk of the browser whole, under its name, and nothing else is left there", async () => {
    const page = await open();
    await inPage(page, "begin", `${origin}/file.bin`);
    expect(await inPage(page, "ended", 0)).toEqual({ ...whole, name: "file.bin" });
    expect(await inPage(page, "names")).toEqual(["file.bin"]);
  });

  it("A file of a name that is there already is TARGET_EXISTS, unless it may be overwritten", async () => {
    const page = await open();
    const ends: unknown[] = [];
    for (const options of [{ name: "a.bin" }, { name: "a.bin" }, { name: "a.bin", overwrite: true }]) {
      const run = await inPage(page, "begin", `${origin}/file.bin`, options);
      ends.push(await inPage(page, "ended", run));
    }
    expect(ends).toMatchObject([whole, { code: "TARGET_EXISTS" }, whole]);
  });

  it("A page that is reloaded in mid-download goes on, and asks for nothing again that was recorded", async () => {
    most = 5 * MiB;
    const page = await open();
    await inPage(page, "begin", `${origin}/file.bin`);
    await inPage(page, "until", 0, "chunk-stored", 12);
    const before = asked.length;
    await inPage(page, "until", 0, "checkpoint-saved", 3);
    await page.reload();
    most = Infinity;
    await inPage(page, "begin", `${origin}/file.bin`);
    expect(await inPage(page, "ended", 0)).toMatchObject(whole);
    const { resumedBytes } = (await inPage(page, "started", 0)) as { readonly resumedBytes: number };
    expect(before).toBeGreaterThan(0);
    expect(resumedBytes).toBeLessThanOrEqual(5 * MiB);
    const again = asked.slice(before).filter(({ from }) => from > 2 && from < resumedBytes);
    expect(again.map(({ from }) => from)).toEqual([]);
    expect(await inPage(page, "names")).toEqual(["file.bin"]);
  });

  it("A second tab that wants the same name is LOCKED while the first goes on, and has it when the first is gone", async () => {
    most = 3 * MiB;
    const [one, other] = [await open(), await open()];
    await inPage(one, "begin", `${origin}/file.bin`);
    await inPage(one, "until", 0, "chunk-stored", 4);
    await inPage(other, "begin", `${origin}/file.bin`);
    expect(await inPage(other, "ended", 0)).toMatchObject({ code: "LOCKED" });
    await one.close();
    most = Infinity;
    await inPage(other, "begin", `${origin}/file.bin`);
    expect(await inPage(other, "ended", 1)).toMatchObject(whole);
  });

  it("A download that is left lets go of its requests, and the next one goes on with what it saved behind", async () => {
    most = 3 * MiB;
    const page = await open();
    await inPage(page, "begin", `${origin}/file.bin`);
    await inPage(page, "until", 0, "chunk-stored", 4);
    const closed = Promise.all(
      asked
        .filter(({ response }) => !response.writableEnded)
        .map(({ response }) => new Promise((done) => response.on("close", done))),
    );
    await inPage(page, "leave", 0);
    await closed;
    most = Infinity;
    await inPage(page, "begin", `${origin}/file.bin`);
    expect(await inPage(page, "ended", 1)).toMatchObject(whole);
    const { resumedChunks } = (await inPage(page, "started", 1)) as { readonly resumedChunks: number };
    expect(resumedChunks).toBeGreaterThanOrEqual(4);
  });

  it("A file that the user chose gets the whole, and nothing is left beside it", async () => {
    const page = await open();
    await inPage(page, "begin", `${origin}/file.bin`, { name: "a.bin" }, "chosen.bin");
    expect(await inPage(page, "ended", 0)).toMatchObject({ ...whole, name: "a.bin" });
    expect(await inPage(page, "names")).toEqual(["chosen.bin"]);
  });

  it("A browser that gives no more room ends it with LOCAL_IO and words, and keeps what came", async () => {
    const page = await open();
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 4 * MiB });
    await inPage(page, "begin", `${origin}/file.bin`);
    expect(await inPage(page, "ended", 0)).toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringContaining("no more room") as string,
    });
    await session.send("Storage.overrideQuotaForOrigin", { origin });
    await inPage(page, "begin", `${origin}/file.bin`);
    expect(await inPage(page, "ended", 1)).toMatchObject(whole);
  });

  it("A page that may have no workers of blobs is told so", async () => {
    const page = await open();
    await page.evaluate(() => {
      const policy = document.createElement("meta");
      policy.httpEquiv = "Content-Security-Policy";
      policy.content = "worker-src 'none'";
      document.head.append(policy);
    });
    await inPage(page, "begin", `${origin}/file.bin`);
    expect(await inPage(page, "ended", 0)).toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringContaining("worker-src blob:") as string,
    });
  });
});
