import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { lastValueFrom, Subject, tap, toArray } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import "../../../src/assembly/browser/assemblePage.js"; // here, so that no test waits for its code to be transformed
import { type BlobEvent, downloadToBlob, type DownloadToBlobOptions } from "../../../src/browser.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";

const bytes = randomBytes(2_000_000);

afterEach(cleanUp);

const mirror = (file: Buffer = bytes, etag = '"v1"') => serve(answerWith(file, { etag }), { path: "/film.mkv" });

function run(sources: string | readonly string[], options: DownloadToBlobOptions = {}) {
  return lastValueFrom(downloadToBlob(sources, options).pipe(toArray()));
}

async function blobIn(events: readonly BlobEvent[]): Promise<Buffer | undefined> {
  const found = events.find((event) => event.type === "download-completed");
  return found && Buffer.from(await found.blob.arrayBuffer());
}

describe("a page that downloads from mirrors", () => {
  it("A page gets a file from two mirrors, by its name", async () => {
    const both = [await mirror(), await mirror()];
    const events = await run(both.map(({ url }) => url));
    expect((await blobIn(events))?.equals(bytes)).toBe(true);
    const account = { integrity: "none", done: bytes.length, verified: 0 };
    expect(events.at(-1)).toMatchObject({ type: "download-completed", name: "film.mkv", account });
    for (const { requests } of both) expect(requests.length).toBeGreaterThan(4);
  });

  it("A page gets a file from a mirror that sends only whole files", async () => {
    const whole: RequestListener = (_request, response) =>
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    const { url } = await serve(whole);
    expect((await blobIn(await run(url)))?.equals(bytes)).toBe(true);
  });

  it("A page goes on after a pause with what is missing of a file from mirrors", async () => {
    const { url, requests } = await mirror();
    const pauseWhen = new Subject<void>();
    const download = downloadToBlob(url, { pauseWhen, retry: { maxConcurrentChunks: 1 } });
    const isStored = ({ type }: { readonly type: string }): boolean => type === "chunk-stored";
    const first = await lastValueFrom(
      download.pipe(
        tap((event) => isStored(event) && pauseWhen.next()),
        toArray(),
      ),
    );
    expect(first.at(-1)?.type).toBe("download-paused");
    const before = requests.length;
    const second = await lastValueFrom(download.pipe(toArray()));
    expect((await blobIn(second))?.equals(bytes)).toBe(true);
    expect(second.find(({ type }) => type === "download-started")).toMatchObject({ resumedChunks: 1 });
    // What the file is, a chunk each, and a look at what came first; a request that the pause cut off may reach the mirror late.
    const asked = new Set(requests.slice(before).map(({ headers: { range } }) => range));
    expect(asked).not.toContain("bytes=0-262143");
    expect(asked.size).toBeLessThanOrEqual(8 + 3);
  });

  it("A page begins anew after a pause when the file has changed", async () => {
    const other = randomBytes(2_000_000);
    let version: readonly [Buffer, string] = [bytes, '"v1"'];
    const answer: RequestListener = (request, response) =>
      answerWith(version[0], { etag: version[1] })(request, response);
    const { url } = await serve(answer);
    const pauseWhen = new Subject<void>();
    const download = downloadToBlob(url, { pauseWhen, retry: { maxConcurrentChunks: 1 } });
    await lastValueFrom(download.pipe(tap(({ type }) => type === "chunk-stored" && pauseWhen.next())));
    version = [other, '"v2"'];
    const events = await lastValueFrom(download.pipe(toArray()));
    expect((await blobIn(events))?.equals(other)).toBe(true);
  });

  it("A page does not take a file that is too large, or of unknown size, into memory", async () => {
    const { url } = await mirror();
    await expect(run(url, { maxBytes: 1_999_999 })).rejects.toMatchObject({ code: "LOCAL_IO" });
    const unsized = await serve((_request, response) => response.writeHead(200).end(bytes));
    await expect(run(unsized.url)).rejects.toMatchObject({ code: "PEER_REJECTED" });
  });
});
