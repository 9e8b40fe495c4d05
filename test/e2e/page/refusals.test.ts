import { createHash, randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Page } from "playwright-core";
import { afterEach, expect, it } from "vitest";
import type { DownloadToBlobOptions } from "../../../src/browser.js";
import { answerWith, cleanUp, plainTcp, serve } from "../../adapters/http/harness.js";
import { describePage } from "../../chromium.js";
import type { Ended, InPage } from "./inPage.js";
import { openPage } from "./openPage.js";

const file = randomBytes(600_000);
const sha256 = createHash("sha256").update(file).digest("hex");
const once = { retry: { maxChunkRetries: 0 } };

afterEach(cleanUp);

const mirror = (answer: RequestListener) => serve(answer, { host: "127.0.0.3", path: "/film.mkv" });

const toBlob = (page: Page, url: string, options: DownloadToBlobOptions = {}): Promise<Ended> =>
  page.evaluate(([from, given]) => (globalThis as unknown as InPage).inPage.toBlob(from, given), [
    url,
    options,
  ] as const);

describePage("a page that gets no answer", () => {
  it("A page is told of a mirror that lets no page read its answers that this is so, and what its server would have to send", async () => {
    const { url, requests } = await mirror(answerWith(file));
    const page = await openPage();
    const ended = await toBlob(page, url);
    expect(ended).toMatchObject({ last: "download-failed", code: "PEER_REJECTED" });
    const { origin } = new URL(page.url());
    expect(ended.message).toBe(
      `${url}: its server answers, but lets no page of ${origin} read that (CORS); it would have to send Access-Control-Allow-Origin: *`,
    );
    // The question, a look whether anybody is there, and the question again.
    expect(requests.map(({ method }) => method)).toEqual(["GET", "HEAD", "GET"]);
  });

  it("A page is told of a mirror that refuses its header what that has to be allowed by", async () => {
    const { url } = await mirror((request, response) => {
      if (request.method === "OPTIONS") response.writeHead(405).end();
      else answerWith(file, { "access-control-allow-origin": "*" })(request, response);
    });
    const page = await openPage();
    const ended = await toBlob(page, url, { tokens: { "127.0.0.3": "secret" } });
    expect(ended).toMatchObject({ last: "download-failed", code: "PEER_REJECTED" });
    expect(ended.message).toContain("to OPTIONS also Access-Control-Allow-Headers: authorization");
    expect(ended.message).not.toContain("secret");
  });

  it("A page is not told of CORS where nobody answers, or the connection breaks", async () => {
    const page = await openPage();
    const gone = await mirror(answerWith(file));
    gone.server.close();
    expect(await toBlob(page, gone.url, once)).toMatchObject({ last: "download-failed", code: "CONNECTION_LOST" });
    const { url } = await plainTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await toBlob(page, url, once)).toMatchObject({ last: "download-failed", code: "CONNECTION_LOST" });
  });

  it("A page goes on with a mirror that broke its first connection, and with one whose errors it may not read", async () => {
    let asked = 0;
    const { url } = await mirror((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else if (asked === 5) response.writeHead(503).end();
      else answerWith(file, { "access-control-allow-origin": "*" })(request, response);
    });
    const page = await openPage();
    expect(await toBlob(page, url)).toMatchObject({ last: "download-completed", sha256 });
  });

  it("A page is told of a redirect that it cannot follow with a secret, and sends that to nobody else", async () => {
    const target = await mirror(answerWith(file, { "access-control-allow-origin": "*" }));
    const { url } = await mirror((request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "authorization, x-key");
      if (request.method === "OPTIONS") response.writeHead(204).end();
      else response.writeHead(302, { location: target.url }).end();
    });
    const page = await openPage();
    const ended = await toBlob(page, url, { tokens: { [new URL(url).host]: "secret" } });
    expect(ended).toMatchObject({ last: "download-failed", code: "PEER_REJECTED" });
    expect(ended.message).toContain("redirects");
    expect(target.requests).toEqual([]);
  });

  it("A page without a network waits for it", async () => {
    const { url } = await mirror(answerWith(file, { "access-control-allow-origin": "*" }));
    const page = await openPage();
    // What downloads is loaded with the first one.
    expect(await toBlob(page, url)).toMatchObject({ last: "download-completed" });
    await page.context().setOffline(true);
    const ended = toBlob(page, url);
    await page.waitForFunction(() => (globalThis as unknown as InPage).inPage.seen().includes("waiting: offline"));
    await page.context().setOffline(false);
    expect(await ended).toMatchObject({ last: "download-completed", sha256 });
  });

  it("A page of https: is told that it may ask no http: address", async () => {
    const page = await openPage("https://page.example");
    const ended = await toBlob(page, "http://mirror.example/film.mkv");
    expect(ended).toMatchObject({ last: "download-failed", code: "PEER_REJECTED" });
    expect(ended.message).toContain("mixed content");
  });
});
