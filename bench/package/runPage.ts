import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { launchChromium } from "../../test/chromium.js";

const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const limitMs = 60_000;

/** The files of a built page, and `/file.bin`, whole or in parts, as any server gives them. */
const siteOf =
  (folder: string, file: Buffer): RequestListener =>
  ({ url = "/", headers }, response) => {
    const { pathname } = new URL(url, "http://site");
    if (pathname !== "/file.bin") {
      const path = join(folder, pathname === "/" ? "index.html" : pathname);
      readFile(path).then(
        (body) => response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(body),
        () => response.writeHead(404).end(),
      );
      return;
    }
    const [, from, to = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    const end = to === "" ? file.length : Math.min(Number(to) + 1, file.length);
    const range = from === undefined ? {} : { "content-range": `bytes ${from}-${end - 1}/${file.length}` };
    const common = { "accept-ranges": "bytes", etag: '"1"', ...range };
    const body = file.subarray(Number(from ?? 0), end);
    response.writeHead(from === undefined ? 200 : 206, { ...common, "content-length": body.length }).end(body);
  };

/**
 * Opens a page that an app has built, in Chromium: it downloads `file.bin`, and has a link to the blob, or says in `#failed` why it could not.
 * Returns a line about it.
 */
export async function runPage(folder: string): Promise<string> {
  const file = randomBytes(3_000_000);
  const server = createServer(siteOf(folder, file)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const broken: string[] = [];
    page.on("pageerror", ({ message }) => broken.push(message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const ended = page.waitForSelector("a[href^='blob:'], #failed:not(:empty)", { timeout: limitMs });
    await ended.catch((error: unknown) => {
      throw new Error(`the page came to no end: ${broken.join("; ")}`, { cause: error });
    });
    const failed = await page.evaluate<string | null>("document.querySelector('#failed')?.textContent");
    if (typeof failed === "string" && failed !== "") throw new Error(`the page failed: ${failed}`);
    const digest = await page.evaluate<readonly number[]>(
      "fetch(document.querySelector('a').href).then((answer) => answer.arrayBuffer()).then((bytes) => crypto.subtle.digest('SHA-256', bytes)).then((digest) => [...new Uint8Array(digest)])",
    );
    const isSame = createHash("sha256").update(file).digest().equals(Buffer.from(digest));
    if (!isSame) throw new Error("the page has another file");
    return `downloaded ${file.length} bytes in Chromium`;
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
