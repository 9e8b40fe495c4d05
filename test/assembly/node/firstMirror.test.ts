import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import { basename, dirname, join } from "node:path";
import { lastValueFrom, tap, toArray } from "rxjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DownloadEvent, DownloadEventOf } from "../../../src/download/DownloadEvent.js";
import { downloadFile, type DownloadFileOptions } from "../../../src/node.js";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";

const file = randomBytes(3_000_000);
/** Of the same size, with another byte in its middle: the chunks that come first are the same. */
const other = Buffer.from(file);
other.writeUInt8(file.readUInt8(1_500_000) ^ 1, 1_500_000);

let out: string;

beforeEach(async () => {
  out = join(await tempFolder(), "film");
});

afterEach(cleanUp);

const run = (urls: readonly string[], options: DownloadFileOptions = {}) =>
  lastValueFrom(downloadFile(urls, { out, catalogue: false, ...options }).pipe(toArray()));
const typesOf = (events: readonly DownloadEvent[], ...types: readonly DownloadEvent["type"][]) =>
  events.flatMap(({ type }) => (types.includes(type) ? [type] : []));
const accountOf = (events: readonly DownloadEvent[]) =>
  (events.at(-1) as DownloadEventOf<"download-completed">).account;
const isHere = async (wanted: Buffer): Promise<boolean> => wanted.equals(await readFile(out));

/** Whether it asks for a few bytes by which mirrors are compared. */
const isSample = ({ headers: { range } }: IncomingMessage): boolean => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  return Number(last) - Number(first) < 4096;
};

/** Whether it asks for some of the first million bytes, or for a sample of any. */
const isEarly = (request: IncomingMessage): boolean =>
  /^bytes=\d{1,6}-/.test(request.headers.range ?? "") || isSample(request);

/** Answers when it is told to, and from then on. */
function heldBack(answer: RequestListener) {
  const waiting: (() => void)[] = [];
  let isLoose = false;
  const listener: RequestListener = (request, response) => {
    if (isLoose) answer(request, response);
    else waiting.push(() => answer(request, response));
  };
  const loose = (): void => {
    isLoose = true;
    for (const go of waiting.splice(0)) go();
  };
  return { listener, loose };
}

describe("a mirror that was the first to answer, and has another file than the others", () => {
  it.each([
    ["of another size", file.subarray(1)],
    ["of the same size", other],
  ])("A file %s is dropped, and that of the others comes whole in the same run", async (_how, odd) => {
    const [atOnce, rest] = [answerWith(odd, { etag: '"odd"' }), heldBack(answerWith(odd, { etag: '"odd"' }))];
    const first = await serve((request, response) => (isEarly(request) ? atOnce : rest.listener)(request, response));
    const late = [heldBack(answerWith(file)), heldBack(answerWith(file))];
    const others = await Promise.all(late.map(({ listener }) => serve(listener)));
    const urls = [first, ...others].map(({ url }) => url);
    const watched = downloadFile(urls, { out, catalogue: false, retry: { maxConcurrentChunks: 1 } }).pipe(
      tap(({ type }) => {
        if (type === "chunk-stored") for (const { loose } of late) loose();
        if (type === "mirror-refused") rest.loose();
      }),
      toArray(),
    );
    const events = await lastValueFrom(watched);
    expect(await isHere(file)).toBe(true);
    expect(await readdir(dirname(out))).toEqual([basename(out)]);
    const told = typesOf(
      events,
      "download-started",
      "mirror-refused",
      "mirror-outvoted",
      "notice",
      "download-completed",
    );
    expect(told).toEqual([
      "download-started",
      "mirror-refused",
      "mirror-outvoted",
      "download-started",
      "download-completed",
    ]);
    const { received, waste, bytesByPeer } = accountOf(events);
    expect(bytesByPeer[first.url]).toBe(waste.restart);
    expect(received).toBe(file.length + (waste.restart ?? 0));
  });
});

describe("several mirrors", () => {
  it("A short file of the first mirror to answer gets no name when the others have another one, and theirs is had", async () => {
    const [short, odd] = [file.subarray(0, 20_000), other.subarray(1_490_000, 1_510_000)];
    const late = [heldBack(answerWith(short)), heldBack(answerWith(short))];
    let samples = 0;
    const first = await serve((request, response) => {
      // The last sample: with that it is the one to begin with, and the others have all of theirs to show yet.
      const isLast = isSample(request) && !/=0-/.test(request.headers.range ?? "") && (samples += 1) === 2;
      if (isLast) request.socket.once("close", () => late.forEach(({ loose }) => loose()));
      answerWith(odd, { etag: '"odd"', connection: "close" })(request, response);
    });
    const others = await Promise.all(late.map(({ listener }) => serve(listener)));
    const events = await run([first, ...others].map(({ url }) => url));
    expect(await isHere(short)).toBe(true);
    expect(typesOf(events, "mirror-outvoted", "download-completed")).toEqual(["mirror-outvoted", "download-completed"]);
    expect(await readdir(dirname(out))).toEqual([basename(out)]);
  });

  it("A file comes from the first mirror while the others are busy, and nothing is told", async () => {
    const [good, busy] = [
      await serve(answerWith(file)),
      await serve((_request, response) => response.writeHead(503, { "retry-after": "60" }).end()),
    ];
    const events = await run([busy.url, good.url]);
    expect(await isHere(file)).toBe(true);
    expect(accountOf(events)).toMatchObject({ received: file.length, waste: {} });
    expect(busy.requests).toHaveLength(1);
  });

  it("A mirror that is slow to answer joins in the middle, and nothing is told of that", async () => {
    const [rest, held] = [heldBack(answerWith(file)), heldBack(answerWith(file))];
    const first = await serve((request, response) => {
      (isEarly(request) ? answerWith(file) : rest.listener)(request, response);
    });
    const late = await serve((request, response) => {
      if (!isSample(request)) rest.loose();
      held.listener(request, response);
    });
    const events: DownloadEvent[] = [];
    await lastValueFrom(
      downloadFile([first.url, late.url], { out, catalogue: false }).pipe(
        tap((event) => {
          events.push(event);
          if (event.type === "chunk-stored") held.loose();
        }),
      ),
    );
    expect(await isHere(file)).toBe(true);
    const joined = events.flatMap((event) => (event.type === "peer-joined" ? [event.peer] : []));
    expect(joined).toEqual([first.url, late.url]);
    expect(accountOf(events).bytesByPeer[late.url]).toBeGreaterThan(0);
    expect(typesOf(events, "notice", "mirror-refused", "mirror-postponed", "question-failed")).toEqual([]);
  });

  it("A record of a file knows the words of all mirrors that joined", async () => {
    const mirrors = [await serve(answerWith(file, { etag: '"a"' })), await serve(answerWith(file, { etag: '"b"' }))];
    const urls = mirrors.map(({ url }) => url);
    const watched = downloadFile(urls, { out, catalogue: false, limitRate: 2_000_000 });
    let record = "";
    await lastValueFrom(
      watched.pipe(
        tap(({ type }) => {
          if (type !== "checkpoint-saved") return;
          void readFile(`${out}.part.json`, "utf8").then((text) => (record = text));
        }),
      ),
    );
    expect(Object.keys((JSON.parse(record) as { mirrors: object }).mirrors).toSorted()).toEqual(urls.toSorted());
  });

  it("Addresses of two files are refused before anything is fetched", async () => {
    const [a, b] = [await serve(answerWith(file)), await serve(answerWith(file.subarray(1)), { path: "/another.bin" })];
    await expect(run([a.url, b.url])).rejects.toMatchObject({ code: "DIFFERENT_FILES" });
    expect(await readdir(dirname(out))).toEqual([]);
  });
});
