import { readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { lastValueFrom, Subject, tap, toArray } from "rxjs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";
import { downloadFile, type DownloadFileOptions } from "../../../src/node.js";
import { answerWith, cleanUp, fileOf, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const chunk = 256 * 1024;
const small = fileOf(1000);
const large = fileOf(8 * chunk);

let out: string;

beforeEach(async () => {
  out = join(await tempFolder(), "file");
});

afterEach(cleanUp);

async function run(url: string, options: DownloadFileOptions = {}): Promise<readonly DownloadEvent[]> {
  return lastValueFrom(downloadFile(url, { out, catalogue: false, ...options }).pipe(toArray()));
}

const isHere = async (file: Uint8Array): Promise<boolean> => Buffer.compare(await readFile(out), file) === 0;
const rangesOf = ({ requests }: Awaited<ReturnType<typeof serve>>) => requests.map(({ headers }) => headers.range);

/** Serves one connection at a time, and says busy to the others. */
function oneAtATime(file: Uint8Array): RequestListener {
  const answer = answerWith(file);
  let isTaken = false;
  return (request, response) => {
    if (isTaken) {
      response.writeHead(503, { "retry-after": "0" }).end();
      return;
    }
    isTaken = true;
    response.on("close", () => (isTaken = false));
    answer(request, response);
  };
}

it("A small file by its address is one request", async () => {
  const server = await serve(answerWith(small));
  await run(server.url);
  expect(await isHere(small)).toBe(true);
  expect(rangesOf(server)).toEqual(["bytes=0-262143"]);
});

it("An empty file is settled by a question without a range", async () => {
  const server = await serve((request, response) =>
    request.headers.range === undefined
      ? response.writeHead(200, { "content-length": 0 }).end()
      : response.writeHead(416).end(),
  );
  await run(server.url);
  expect(await isHere(new Uint8Array())).toBe(true);
  expect(rangesOf(server)).toEqual(["bytes=0-262143", undefined]);
});

it("The answer to the first question is the first chunk", async () => {
  const server = await serve(answerWith(large));
  const events = await run(server.url, { retry: { maxConcurrentChunks: 1 } });
  expect(await isHere(large)).toBe(true);
  expect(rangesOf(server).filter((range) => range?.startsWith("bytes=0-"))).toEqual(["bytes=0-262143", "bytes=0-4095"]);
  expect(events.at(-1)).toMatchObject({ account: { received: large.length, waste: {} } });
});

it("The bytes that the first answer lacks of a larger first chunk are asked for, with all that follows", async () => {
  const size = 256 * 1024 * 1024;
  const asked: (string | undefined)[] = [];
  const server = await serve((request, response) => {
    const { range } = request.headers;
    asked.push(range);
    const [, first = "", last = ""] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const length = Number(last) - Number(first) + 1;
    const head = { "content-range": `bytes ${first}-${last}/${size}`, "content-length": length };
    response.writeHead(206, head).end(Buffer.alloc(length));
  });
  const pauseWhen = new Subject<void>();
  const events = downloadFile(server.url, { out, catalogue: false, pauseWhen, retry: { maxConcurrentChunks: 1 } });
  await lastValueFrom(events.pipe(tap(({ type }) => type === "chunk-stored" && pauseWhen.next())));
  expect(asked.slice(0, 2)).toEqual(["bytes=0-262143", `bytes=262144-${size - 1}`]);
});

it("A file that sends the rest, too, is read no further than its first chunk", async () => {
  const good = answerWith(large);
  const server = await serve((request, response) => {
    if (request.headers.range !== "bytes=0-262143") {
      good(request, response);
      return;
    }
    const head = { "content-range": `bytes 0-${large.length - 1}/${large.length}`, "content-length": large.length };
    response.writeHead(206, head).end(large);
  });
  const events = await run(server.url);
  expect(await isHere(large)).toBe(true);
  expect(events.at(-1)).toMatchObject({ account: { received: large.length, waste: {} } });
});

it("Nothing but a few bytes is asked for where some of the file is here", async () => {
  const server = await serve(answerWith(large, { etag: '"v1"' }));
  await run(server.url);
  const before = server.requests.length;
  await run(server.url);
  expect(rangesOf(server)[before]).toBe("bytes=0-1");
});

it("A file of which the first chunks are here goes on without them", async () => {
  const server = await serve(answerWith(large, { etag: '"v1"' }));
  const pauseWhen = new Subject<void>();
  const first = downloadFile(server.url, { out, catalogue: false, pauseWhen, retry: { maxConcurrentChunks: 1 } });
  await lastValueFrom(first.pipe(tap(({ type }) => type === "chunk-stored" && pauseWhen.next())));
  const events = await run(server.url);
  expect(await isHere(large)).toBe(true);
  const { account } = events.at(-1) as Extract<DownloadEvent, { type: "download-completed" }>;
  expect(account.resumed).toBeGreaterThanOrEqual(chunk);
  expect(account.received).toBe(large.length - account.resumed);
});

it("A server that takes one connection gives a file, goes on with it, and has it compared when it is here", async () => {
  const server = await serve(oneAtATime(large));
  const pauseWhen = new Subject<void>();
  const first = downloadFile(server.url, { out, catalogue: false, pauseWhen, retry: { maxConcurrentChunks: 1 } });
  await lastValueFrom(first.pipe(tap(({ type }) => type === "chunk-stored" && pauseWhen.next())));
  await run(server.url, { retry: { maxConcurrentChunks: 1 } });
  expect(await isHere(large)).toBe(true);
  const again = await run(server.url);
  expect(again.at(-1)).toMatchObject({ account: { received: 0 } });
});

it("A break of the answer to the first question goes on where it was, by another request", async () => {
  const good = answerWith(large);
  const server = await serve((request, response) => {
    if (request.headers.range !== "bytes=0-262143") {
      good(request, response);
      return;
    }
    const head = { "content-range": `bytes 0-${large.length - 1}/${large.length}`, "content-length": large.length };
    // The bytes are taken by then: Node drops those that it has read ahead, up to 128 KiB from Node 22 on, when a connection breaks.
    response.writeHead(206, head).write(large.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 500));
  });
  const events = await run(server.url);
  expect(await isHere(large)).toBe(true);
  expect(rangesOf(server)).toContain(`bytes=100000-${chunk - 1}`);
  expect(events.at(-1)).toMatchObject({ account: { received: large.length, waste: {} } });
});

it("Another file that has the name is left as it is, and the answer is let go", async () => {
  await writeFile(out, "mine");
  const server = await serve(answerWith(large));
  await expect(run(server.url)).rejects.toMatchObject({ code: "TARGET_EXISTS" });
  expect(await readFile(out, "utf8")).toBe("mine");
});
