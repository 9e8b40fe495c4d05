import type { IncomingMessage, RequestListener } from "node:http";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { lastValueFrom } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { downloadFile } from "../../../src/node.js";
import { cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const file = randomBytes(4 * 1024 * 1024);

afterEach(cleanUp);

function rangeOf({ headers }: IncomingMessage): readonly [first: number, last: number] | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  return first === undefined ? undefined : [Number(first), Math.min(Number(last), file.length - 1)];
}

async function fetched(listener: RequestListener): Promise<Buffer> {
  const { url } = await serve(listener, { path: "/film.mkv" });
  const out = join(await tempFolder(), "film.mkv");
  await lastValueFrom(downloadFile(url, { out, catalogue: false }));
  return readFile(out);
}

describe("A part that answered the first question", () => {
  it("A part that answered the first question is not taken for the whole where nobody tells how large that is", async () => {
    const bytes = await fetched((request, response) => {
      const range = rangeOf(request);
      if (range === undefined) {
        response.writeHead(200).write(file.subarray(0, 1000));
        response.end(file.subarray(1000));
        return;
      }
      const [first, last] = range;
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/*`, "content-length": last + 1 - first });
      response.end(file.subarray(first, last + 1));
    });
    expect(bytes.equals(file)).toBe(true);
  });

  it("A part that answered the first question is not taken for the whole of a mirror that sends only wholes from then on", async () => {
    let isFirst = true;
    const bytes = await fetched((request, response) => {
      const range = rangeOf(request);
      if (range === undefined || !isFirst) {
        response.writeHead(200, { "content-length": file.length, etag: '"a"' }).end(file);
        return;
      }
      isFirst = false;
      const [first, last] = range;
      const head = { "content-range": `bytes ${first}-${last}/${file.length}`, "content-length": last + 1 - first };
      response.writeHead(206, { ...head, etag: '"a"' }).write(file.subarray(first, first + 8192));
      void setTimeout(300).then(() => response.end(file.subarray(first + 8192, last + 1)));
    });
    expect(bytes.equals(file)).toBe(true);
  });
});
