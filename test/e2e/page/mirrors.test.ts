import { createHash, randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import type { DownloadToBlobOptions } from "../../../src/browser.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { describePage } from "../../chromium.js";
import type { Ended, InPage } from "./inPage.js";
import { openPage } from "./openPage.js";

const file = randomBytes(3_000_000);
const sha256 = createHash("sha256").update(file).digest("hex");
const dated = { "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" };
const open = { "access-control-allow-origin": "*", ...dated };

afterEach(cleanUp);

/** A server that never gives leave to anything but what needs none. */
const refusingOptions =
  (answer: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method === "OPTIONS") response.writeHead(405).end();
    else answer(request, response);
  };

const mirror = (answer: RequestListener, host = "127.0.0.3") =>
  serve(refusingOptions(answer), { host, path: "/film.mkv" });

async function toBlob(sources: string | readonly string[], options: DownloadToBlobOptions = {}): Promise<Ended> {
  const page = await openPage();
  return page.evaluate(([from, given]) => (globalThis as unknown as InPage).inPage.toBlob(from, given), [
    sources,
    options,
  ] as const);
}

describePage("a page and its mirrors", () => {
  it("A page gets a file from a mirror that lets every page read and exposes nothing, and needs no leave for any request", async () => {
    const { url, requests } = await mirror(answerWith(file, open));
    expect(await toBlob(url)).toMatchObject({ last: "download-completed", name: "film.mkv", sha256 });
    expect(requests.map(({ method }) => method)).not.toContain("OPTIONS");
    expect(requests.every(({ headers }) => headers["accept-encoding"] === "identity")).toBe(true);
  });

  it("A page gets a file of any size from a mirror that hides what is not exposed", async () => {
    const page = await openPage();
    for (const size of [0, 1, 2, 1000, 262_144, 262_145, 1_000_000]) {
      const { url } = await mirror(answerWith(file.subarray(0, size), open));
      const ended = await page.evaluate((from) => (globalThis as unknown as InPage).inPage.toBlob(from), url);
      expect(ended).toMatchObject({ last: "download-completed", size });
    }
  });

  it("A page gets a file from two mirrors that hide what is not exposed, and from one that exposes it", async () => {
    const exposed = { ...open, "access-control-expose-headers": "Content-Range, ETag", etag: '"a"' };
    const all = [
      await mirror(answerWith(file, open)),
      await mirror(answerWith(file, open), "127.0.0.4"),
      await mirror(answerWith(file, exposed), "127.0.0.5"),
    ];
    expect(await toBlob(all.map(({ url }) => url))).toMatchObject({ last: "download-completed", sha256 });
    for (const { requests } of all) expect(requests.length).toBeGreaterThan(3);
  });

  it("A page leaves a mirror that has another file, also a longer one that begins and ends alike", async () => {
    const changed = Buffer.from(file);
    changed.fill(7, 1_499_000, 1_502_000);
    const longer = Buffer.concat([file, file.subarray(0, 1000)]);
    const all = [
      await mirror(answerWith(file, open)),
      await mirror(answerWith(file, open), "127.0.0.4"),
      await mirror(answerWith(changed, open), "127.0.0.5"),
      await mirror(answerWith(longer, open), "127.0.0.6"),
    ];
    const ended = await toBlob(all.map(({ url }) => url));
    expect(ended).toMatchObject({ last: "download-completed", sha256 });
  });

  it("A page takes no cut file from a mirror that gives less than it is asked for, and hides that", async () => {
    const { url } = await mirror((request, response) => {
      const [, first = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
      const end = last === "" ? Number(first) + 1_000_000 : Math.min(Number(last) + 1, file.length);
      const part = file.subarray(Number(first), end);
      const range = `bytes ${first}-${end - 1}/${file.length}`;
      response.writeHead(206, { ...open, "content-range": range, "content-length": part.length }).end(part);
    });
    const ended = await toBlob(url);
    expect(ended.sha256 ?? sha256).toBe(sha256);
    expect(ended).toMatchObject({ last: "download-failed", code: "PEER_REJECTED" });
    expect(ended.message).toContain("Access-Control-Expose-Headers: Content-Range");
  });

  it("A page gets the bytes as they are stored from a mirror that compresses whatever is not asked for as it is", async () => {
    const text = Buffer.from("all work and no play ".repeat(50_000));
    const packed = gzipSync(text);
    const { url } = await mirror((request, response) => {
      if (request.headers["accept-encoding"]?.includes("gzip") === true) {
        response.writeHead(200, { ...open, "content-encoding": "gzip", "content-length": packed.length }).end(packed);
      } else answerWith(text, open)(request, response);
    });
    expect(await toBlob(url)).toMatchObject({
      last: "download-completed",
      sha256: createHash("sha256").update(text).digest("hex"),
    });
  });

  it("A page gets a file through a redirect to another origin", async () => {
    const target = await mirror(answerWith(file, open), "127.0.0.4");
    const { url } = await mirror((_request, response) =>
      response.writeHead(302, { ...open, location: target.url }).end(),
    );
    expect(await toBlob(url)).toMatchObject({ last: "download-completed", sha256 });
  });

  it("A page gets a file from a mirror, whichever of its answers breaks off", async () => {
    const page = await openPage();
    const whole = answerWith(file, open);
    for (const broken of [1, 2, 3, 5]) {
      let answers = 0;
      const { url } = await mirror((request, response) => {
        answers += 1;
        if (answers !== broken) {
          whole(request, response);
          return;
        }
        const [, first = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
        const part = file.subarray(Number(first), last === "" ? file.length : Number(last) + 1);
        const range = `bytes ${first}-${Number(first) + part.length - 1}/${file.length}`;
        response.writeHead(206, { ...open, "content-range": range, "content-length": part.length });
        response.write(part.subarray(0, part.length / 2), () => request.socket.destroy());
      });
      const ended = await page.evaluate((from) => (globalThis as unknown as InPage).inPage.toBlob(from), url);
      expect(ended).toMatchObject({ last: "download-completed", sha256 });
    }
  });
});
