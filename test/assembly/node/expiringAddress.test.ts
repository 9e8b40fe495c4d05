import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { downloadFile } from "../../../src/node.js";
import { answerWith, cleanUp, fileOf, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const file = fileOf(8 * 256 * 1024);
const page = "<html>Please sign in</html>";
const signIn: RequestListener = (_request, response) =>
  response.writeHead(200, { "content-type": "text/html", "content-length": page.length }).end(page);

afterEach(cleanUp);

it.each<readonly [string, RequestListener]>([
  ["a page", signIn],
  ["a redirect to a page", (_request, response) => response.writeHead(302, { location: "/login" }).end()],
  ["a page in place of parts, as an error", (_request, response) => response.writeHead(400).end(page)],
  ["a refusal", (_request, response) => response.writeHead(403).end()],
])(
  "An address that a redirect led to and that expires into %s is found anew from the given one",
  async (_name, expired) => {
    let signature = 0;
    const used = new Map<string, number>();
    const server = await serve((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
      if (pathname === "/login") signIn(request, response);
      else if (pathname !== "/signed") response.writeHead(302, { location: `/signed?n=${signature}` }).end();
      else {
        const n = searchParams.get("n") ?? "";
        const times = (used.get(n) ?? 0) + 1;
        used.set(n, times);
        if (times > 3 && n === "0") signature = 1;
        const isValid = n === String(signature);
        (isValid ? answerWith(file, { etag: '"v1"' }) : expired)(request, response);
      }
    });
    const out = join(await tempFolder(), "file");
    const options = { out, catalogue: false, retry: { maxConcurrentChunks: 1 } };
    expect((await lastValueFrom(downloadFile(server.url, options))).type).toBe("download-completed");
    expect(Buffer.compare(await readFile(out), file)).toBe(0);
  },
);
