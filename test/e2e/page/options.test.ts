import { createHash, randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Page } from "playwright-core";
import { afterEach, expect, it } from "vitest";
import type { DownloadToBlobOptions } from "../../../src/browser.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { describePage } from "../../chromium.js";
import type { Ended, InPage } from "./inPage.js";
import { openPage } from "./openPage.js";

const file = randomBytes(600_000);
const digest = (type: string): string => createHash(type).update(file).digest("hex");
const sha256 = digest("sha256");
const open = { "access-control-allow-origin": "*" };

afterEach(cleanUp);

const mirror = (answer: RequestListener, host = "127.0.0.3", path = "/film.mkv") => serve(answer, { host, path });

const toBlob = (page: Page, from: string | readonly string[], options: DownloadToBlobOptions = {}): Promise<Ended> =>
  page.evaluate(([sources, given]) => (globalThis as unknown as InPage).inPage.toBlob(sources, given), [
    from,
    options,
  ] as const);

const metalinkOf = (...files: readonly string[]): string =>
  `<metalink xmlns="urn:ietf:params:xml:ns:metalink">${files.join("")}</metalink>`;

const inMetalink = (name: string, urls: readonly string[], hash = sha256): string =>
  `<file name="${name}"><size>${file.length}</size><hash type="sha-256">${hash}</hash>${urls
    .map((url) => `<url>${url}</url>`)
    .join("")}</file>`;

describePage("the options of a download in a page", () => {
  it("A page has a file checked by the digest that it gives, of any function, or by a list of digests", async () => {
    const page = await openPage();
    const { url } = await mirror(answerWith(file, open));
    const list = await mirror(answerWith(Buffer.from(`${sha256}  film.mkv\n`), open), "127.0.0.4", "/SHA256SUMS");
    for (const checksum of [`sha-256=${sha256}`, `sha-512=${digest("sha512")}`, list.url]) {
      expect(await toBlob(page, url, { checksum })).toMatchObject({ last: "download-completed", integrity: "file" });
    }
    const wrong = await toBlob(page, url, { checksum: `sha-256=${"0".repeat(64)}` });
    expect(wrong).toMatchObject({ last: "download-failed", code: "CHECKSUM_MISMATCH" });
  });

  it("A page takes a Metalink that its user has chosen, or its address, and loads what reads it only then", async () => {
    const page = await openPage();
    const both = [await mirror(answerWith(file, open)), await mirror(answerWith(file, open), "127.0.0.4")];
    const urls = both.map(({ url }) => url);
    expect(await toBlob(page, urls)).toMatchObject({ last: "download-completed", sha256, integrity: "none" });
    const scripts = (): Promise<number> => page.evaluate(() => (globalThis as unknown as InPage).inPage.scripts());
    const before = await scripts();
    const text = metalinkOf(inMetalink("other.mkv", []), inMetalink("chosen.mkv", urls));
    const chosen = await page.evaluate(
      (xml) => (globalThis as unknown as InPage).inPage.fromMetalink(xml, { select: "chosen.mkv" }),
      text,
    );
    expect(chosen).toMatchObject({ last: "download-completed", name: "chosen.mkv", sha256, integrity: "file" });
    expect(await scripts()).toBeGreaterThan(before);
    const only = Buffer.from(metalinkOf(inMetalink("only.mkv", urls)));
    const named = await mirror(answerWith(only, open), "127.0.0.5", "/film.meta4");
    expect(await toBlob(page, named.url)).toMatchObject({ last: "download-completed", name: "only.mkv", sha256 });
    const typed = await mirror(answerWith(only, { ...open, "content-type": "application/metalink4+xml" }), "127.0.0.6");
    expect(await toBlob(page, typed.url)).toMatchObject({ last: "download-completed", name: "only.mkv", sha256 });
  });

  it("A page is told of a Metalink that is none", async () => {
    const page = await openPage();
    const ended = await page.evaluate(() => (globalThis as unknown as InPage).inPage.fromMetalink("no XML"));
    expect(ended).toMatchObject({ last: "download-failed", code: "INVALID_MANIFEST" });
  });

  it("A page sends tokens and headers to their host, which allows them, and to no other", async () => {
    const allowing = { ...open, "access-control-allow-headers": "authorization, x-key" };
    const answer: RequestListener = (request, response) => {
      if (request.method === "OPTIONS") response.writeHead(204, allowing).end();
      else answerWith(file, allowing)(request, response);
    };
    const one = await mirror(answer);
    const other = await mirror(answerWith(file, open), "127.0.0.4");
    const secrets = { tokens: { "127.0.0.3": "secret" }, headers: { "127.0.0.3": { "x-key": "key" } } };
    const ended = await toBlob(await openPage(), [one.url, other.url], secrets);
    expect(ended).toMatchObject({ last: "download-completed", sha256 });
    const gets = one.requests.filter(({ method }) => method === "GET");
    expect(gets.every(({ headers }) => headers.authorization === "Bearer secret" && headers["x-key"] === "key")).toBe(
      true,
    );
    expect(other.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  it("A page sends the browser's cookies to a host of another origin where that is said", async () => {
    const page = await openPage();
    const { origin, hostname } = new URL(page.url());
    await page.context().addCookies([{ name: "seat", value: "12", domain: hostname, path: "/" }]);
    const answer = answerWith(file, {
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
    });
    const { url, requests } = await mirror(answer, hostname);
    expect(await toBlob(page, url)).toMatchObject({ last: "download-completed", sha256 });
    expect(requests.every(({ headers }) => headers.cookie === undefined)).toBe(true);
    const before = requests.length;
    const credentials = { [new URL(url).host]: "include" } as const;
    expect(await toBlob(page, url, { credentials })).toMatchObject({ last: "download-completed", sha256 });
    expect(requests.slice(before).every(({ headers }) => headers.cookie === "seat=12")).toBe(true);
  });
});
