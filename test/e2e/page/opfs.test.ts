import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { describePage } from "../../chromium.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import { syntheticContent } from "../lab/content.js";
import type { InPage } from "./inPage.js";
import { openPage, openTab, reload } from "./openPage.js";

const MiB = 1024 * 1024;
const content = syntheticContent(8 * MiB);
const bytes = content.read(0, content.size);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const whole = { type: "download-completed", size: content.size, sha256 };
const open = { "access-control-allow-origin": "*" };

type OnDisk = InPage["inPage"]["onDisk"];

/** A question for a range of the file. */
interface Asked {
  readonly from: number;
  readonly response: ServerResponse;
}

const codeIn = (end: unknown): unknown => (end as { readonly code?: unknown }).code;

describePage("a download onto the disk of a browser", () => {
  let url = "";
  let asked: Asked[] = [];
  /** No answer goes beyond that place of the file: it stays open there. */
  let most = Infinity;

  beforeEach(async () => {
    asked = [];
    most = Infinity;
    ({ url } = await serve(part, { host: "127.0.0.3", path: "/file.bin" }));
  });

  afterEach(cleanUp);

  function part({ headers }: IncomingMessage, response: ServerResponse): void {
    const [, first = "0", last = String(content.size - 1)] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    const [from, end] = [Number(first), Math.min(content.size, Number(last) + 1)];
    asked.push({ from, response });
    response.writeHead(206, {
      ...open,
      "access-control-expose-headers": "content-range, etag",
      etag: '"1"',
      "content-length": end - from,
      "content-range": `bytes ${from}-${end - 1}/${content.size}`,
    });
    const upTo = Math.max(from, Math.min(end, most));
    response.write(bytes.subarray(from, upTo));
    if (upTo === end) response.end();
  }

  const inPage = async <Verb extends keyof OnDisk>(
    page: Page,
    verb: Verb,
    ...words: Parameters<OnDisk[Verb]>
  ): Promise<unknown> =>
    page.evaluate(
      ([name, all]) => {
        const verbs = (globalThis as unknown as InPage).inPage.onDisk;
        return (verbs[name] as (...given: readonly unknown[]) => unknown)(...all);
      },
      [verb, words as readonly unknown[]] as const,
    );

  it("A file comes onto the disk of the browser whole, under its name, and nothing else is left there", async () => {
    const page = await openPage();
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 0)).toMatchObject({ ...whole, name: "file.bin" });
    expect(await inPage(page, "names")).toEqual(["file.bin"]);
  });

  it("Another file of a name that is there already is TARGET_EXISTS, unless it may be overwritten", async () => {
    const page = await openPage();
    const other = await serve(answerWith(Buffer.alloc(content.size, 1), open), {
      host: "127.0.0.4",
      path: "/file.bin",
    });
    const ends: unknown[] = [];
    for (const [from, options] of [
      [other.url, { name: "a.bin" }],
      [url, { name: "a.bin" }],
      [url, { name: "a.bin", overwrite: true }],
    ] as const) {
      const run = (await inPage(page, "begin", from, options)) as number;
      ends.push(await inPage(page, "ended", run));
    }
    expect(ends).toMatchObject([{ size: content.size }, { code: "TARGET_EXISTS" }, whole]);
  });

  it("The very file that is there already is taken for what it is, by digests or by a few bytes, and nothing is fetched", async () => {
    const page = await openPage();
    const checksum = `sha-256=${sha256}`;
    const wanted = [{}, {}, { checksum }, { checksum, overwrite: true }, { checksum: `sha-256=${"0".repeat(64)}` }];
    const ends: unknown[] = [];
    const kept: unknown[] = [];
    for (const options of wanted) {
      const run = (await inPage(page, "begin", url, { ...options, name: "a.bin" })) as number;
      ends.push(await inPage(page, "ended", run));
      kept.push(((await inPage(page, "started", run)) as { readonly resumedBytes: number } | undefined)?.resumedBytes);
    }
    const here = { ...whole, name: "a.bin" };
    const proved = { ...here, integrity: "file" };
    expect(ends).toMatchObject([here, here, proved, proved, { code: "TARGET_EXISTS" }]);
    expect(kept).toEqual([0, content.size, content.size, content.size, undefined]);
    expect(await inPage(page, "names")).toEqual(["a.bin"]);
  });

  it("A page that is reloaded in mid-download goes on, and asks for nothing again that was recorded", async () => {
    most = 5 * MiB;
    const page = await openPage();
    await inPage(page, "begin", url);
    await inPage(page, "until", 0, "chunk-stored", 12);
    const before = asked.length;
    await inPage(page, "until", 0, "checkpoint-saved", 3);
    await reload(page);
    most = Infinity;
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 0)).toMatchObject(whole);
    const { resumedBytes } = (await inPage(page, "started", 0)) as { readonly resumedBytes: number };
    expect(before).toBeGreaterThan(0);
    expect(resumedBytes).toBeLessThanOrEqual(5 * MiB);
    const again = asked.slice(before).filter(({ from }) => from > 2 && from < resumedBytes);
    expect(again.map(({ from }) => from)).toEqual([]);
    expect(await inPage(page, "names")).toEqual(["file.bin"]);
  });

  it("A page that is reloaded asks nobody again for the manifest of a file of which something is on the disk", async () => {
    const file = join(await tempFolder(), "file.bin");
    await writeFile(file, bytes);
    const { link: slow } = await seedFile(file, { limitRate: MiB, allowOrigins: ["*"] });
    const { link } = await seedFile(file, { allowOrigins: ["*"] });
    const page = await openPage();
    await inPage(page, "begin", slow);
    await inPage(page, "until", 0, "checkpoint-saved", 3);
    expect(await inPage(page, "count", 0, "resolving")).toBe(1);
    expect(await inPage(page, "names")).toContain("file.bin.part.hashes");
    await reload(page);
    await inPage(page, "begin", link);
    expect(await inPage(page, "ended", 0)).toMatchObject(whole);
    expect(await inPage(page, "count", 0, "resolving")).toBe(0);
    expect(await inPage(page, "names")).toEqual(["file.bin"]);
  });

  it("A second tab that wants the same name is LOCKED while the first goes on, and has it when the first is gone", async () => {
    most = 3 * MiB;
    const one = await openPage();
    const other = await openTab(one);
    await inPage(one, "begin", url);
    await inPage(one, "until", 0, "chunk-stored", 4);
    await inPage(other, "begin", url);
    expect(await inPage(other, "ended", 0)).toMatchObject({ code: "LOCKED" });
    await one.close();
    most = Infinity;
    // The browser lets go of what a tab held some time after it is closed.
    let end: unknown = { code: "LOCKED" };
    for (let run = 1; codeIn(end) === "LOCKED"; run++) {
      await inPage(other, "begin", url);
      end = await inPage(other, "ended", run);
    }
    expect(end).toMatchObject(whole);
  });

  it("A download that is left lets go of its requests, and the next one goes on with what it saved behind", async () => {
    most = 3 * MiB;
    const page = await openPage();
    await inPage(page, "begin", url);
    await inPage(page, "until", 0, "chunk-stored", 4);
    const closed = Promise.all(
      asked
        .filter(({ response }) => !response.writableEnded && !response.destroyed)
        .map(({ response }) => new Promise((done) => response.on("close", done))),
    );
    await inPage(page, "leave", 0);
    await closed;
    most = Infinity;
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 1)).toMatchObject(whole);
    const { resumedChunks } = (await inPage(page, "started", 1)) as { readonly resumedChunks: number };
    expect(resumedChunks).toBeGreaterThanOrEqual(4);
  });

  it("A file that the user chose gets the whole, and nothing is left beside it", async () => {
    const page = await openPage();
    await inPage(page, "begin", url, { name: "a.bin" }, "chosen.bin");
    expect(await inPage(page, "ended", 0)).toMatchObject({ ...whole, name: "a.bin" });
    expect(await inPage(page, "names")).toEqual(["chosen.bin"]);
  });

  it("A file for the disk is checked by the digest that a page gives, or that a Metalink has, and of several the chosen one comes", async () => {
    const page = await openPage();
    const ends: unknown[] = [];
    const end = async (run: unknown) => ends.push(await inPage(page, "ended", run as number));
    await end(await inPage(page, "begin", url, { name: "a.bin", checksum: `sha-256=${sha256}` }));
    await end(await inPage(page, "begin", url, { name: "b.bin", checksum: `sha-256=${"0".repeat(64)}` }));
    const inMetalink = (name: string) =>
      `<file name="${name}"><size>${content.size}</size><hash type="sha-256">${sha256}</hash><url>${url}</url></file>`;
    const metalink = `<metalink xmlns="urn:ietf:params:xml:ns:metalink">${inMetalink("c.bin")}${inMetalink("d.bin")}</metalink>`;
    await end(await inPage(page, "beginChosen", metalink, { select: "d.bin" }));
    const named = await serve(answerWith(Buffer.from(metalink), open), { host: "127.0.0.4", path: "/all.meta4" });
    await end(await inPage(page, "begin", named.url, { select: 1 }));
    const checked = { ...whole, integrity: "file" };
    expect(ends).toMatchObject([
      { ...checked, name: "a.bin" },
      { type: "download-failed", code: "CHECKSUM_MISMATCH" },
      { ...checked, name: "d.bin" },
      { ...checked, name: "c.bin" },
    ]);
  });

  it("A download onto the disk sends tokens, headers and cookies to their host", async () => {
    const page = await openPage();
    const { origin, hostname } = new URL(page.url());
    const allowing = {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": "authorization, x-key",
    };
    const answer: RequestListener = (request, response) => {
      if (request.method === "OPTIONS") response.writeHead(204, allowing).end();
      else answerWith(bytes, allowing)(request, response);
    };
    const mirror = await serve(answer, { host: hostname, path: "/file.bin" });
    await page.context().addCookies([{ name: "seat", value: "12", domain: hostname, path: "/" }]);
    const { host } = new URL(mirror.url);
    const access = { tokens: { [host]: "secret" }, headers: { [host]: { "x-key": "key" } } };
    await inPage(page, "begin", mirror.url, { ...access, credentials: { [host]: "include" } });
    expect(await inPage(page, "ended", 0)).toMatchObject(whole);
    const gets = mirror.requests.filter(({ method }) => method === "GET").map(({ headers }) => headers);
    const sent = { authorization: "Bearer secret", "x-key": "key", cookie: "seat=12" };
    for (const headers of gets) expect(headers).toMatchObject(sent);
    expect(gets.length).toBeGreaterThan(0);
  });

  it("A download onto the disk that is given up takes away what is here, and its name is free again", async () => {
    most = 3 * MiB;
    const page = await openPage();
    await inPage(page, "begin", url);
    await inPage(page, "until", 0, "chunk-stored", 4);
    await inPage(page, "discard", 0);
    expect(await inPage(page, "ended", 0)).toEqual({ type: "download-paused", removed: true });
    expect(await inPage(page, "names")).toEqual([]);
    most = Infinity;
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 1)).toMatchObject(whole);
  });

  it("A browser that gives no more room ends it with LOCAL_IO and words, and keeps what came", async () => {
    const page = await openPage();
    const { origin } = new URL(page.url());
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 4 * MiB });
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 0)).toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringContaining("no more room") as string,
    });
    await session.send("Storage.overrideQuotaForOrigin", { origin });
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 1)).toMatchObject(whole);
  });

  it("A page that may have no workers of blobs is told so", async () => {
    const page = await openPage();
    await page.evaluate(() => {
      const policy = document.createElement("meta");
      policy.httpEquiv = "Content-Security-Policy";
      policy.content = "worker-src 'none'";
      document.head.append(policy);
    });
    await inPage(page, "begin", url);
    expect(await inPage(page, "ended", 0)).toMatchObject({
      code: "LOCAL_IO",
      message: expect.stringContaining("worker-src blob:") as string,
    });
  });

  it("A thread of a file that is dead fails each question at once, the later ones as the first", async () => {
    const page = await openPage();
    const [first, later] = await page.evaluate(() => (globalThis as unknown as InPage).inPage.deadThread());
    expect(first).toContain("worker-src blob:");
    expect(later).toBe(first);
  });
});
