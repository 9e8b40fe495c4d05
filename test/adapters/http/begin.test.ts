import type { RequestListener } from "node:http";
import { BehaviorSubject, firstValueFrom, lastValueFrom, NEVER, of, take, toArray, VirtualTimeScheduler } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, cleanUp, errorOf, fileOf, gone, part, peerAt, serve } from "./harness.js";

const file = fileOf(1000);
const large = fileOf(300_000);
const huge = fileOf(16 * 1024 * 1024);

afterEach(cleanUp);

/** What a mirror says of its file, and the bytes that come after that. */
async function begun(url: string) {
  const came = await lastValueFrom(peerAt(url).begin(of(false)).pipe(toArray()));
  const [said] = came.filter((value) => !(value instanceof Uint8Array));
  return { said, bytes: Buffer.concat(came.filter((value) => value instanceof Uint8Array)) };
}

/** Answers a question without a range with nothing, as a good server does for an empty file, and others so. */
const emptyFile =
  (status: number, headers: Readonly<Record<string, string | number>> = {}, body = ""): RequestListener =>
  (request, response) =>
    request.headers.range === undefined
      ? response.writeHead(200, { "content-length": 0 }).end()
      : response.writeHead(status, headers).end(body);

describe("the first question", () => {
  it("The first question asks for 256 KiB, and its answer is the beginning of the file", async () => {
    const server = await serve(answerWith(file, { etag: '"v1"' }));
    const { said, bytes } = await begun(server.url);
    expect(said).toEqual({ size: 1000, ranges: true, etag: '"v1"', name: "file.bin", end: 1000 });
    expect(bytes.equals(file)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual(["bytes=0-262143"]);
    expect((await begun((await serve(answerWith(large))).url)).bytes.equals(large.subarray(0, 262_144))).toBe(true);
  });

  it("The first question reads nothing but the head while it is held, and goes on after", async () => {
    const { url } = await serve(answerWith(large));
    const paused = new BehaviorSubject(true);
    let received = 0;
    const done = new Promise<void>((resolve) => {
      peerAt(url)
        .begin(paused)
        .subscribe({ next: (came) => (received += came instanceof Uint8Array ? came.length : 0), complete: resolve });
    });
    const { url: other } = await serve(answerWith(file));
    await firstValueFrom(peerAt(other).probe()); // time in which bytes could come
    expect(received).toBe(0);
    paused.next(false);
    await done;
    expect(received).toBe(262_144);
  });

  it("The first question takes as much of the file as a mirror sends at once", async () => {
    const { url } = await serve((_request, response) =>
      part(response, { first: 0, last: 99, total: 1000 }).end(file.subarray(0, 100)),
    );
    const { said, bytes } = await begun(url);
    expect([said, bytes.length]).toEqual([{ size: 1000, ranges: true, name: "file.bin", end: 100 }, 100]);
  });

  it("The first question refuses a part that begins elsewhere", async () => {
    const { url } = await serve((_request, response) =>
      part(response, { first: 5, last: 999, total: 1000 }).end(file.subarray(5)),
    );
    expect(await errorOf(peerAt(url).begin(of(false)))).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it("The first question is one request where a whole comes, of a mirror that says nothing of ranges", async () => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-length": large.length }).end(large),
    );
    const { said, bytes } = await begun(server.url);
    expect(said).toEqual({ size: large.length, ranges: false, name: "file.bin" });
    expect(bytes.equals(large)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it("is one request where a whole comes that is not long, whatever the mirror says of ranges", async () => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-length": large.length, "accept-ranges": "bytes" }).end(large),
    );
    const { said, bytes } = await begun(server.url);
    expect(said).toMatchObject({ size: large.length, ranges: false });
    expect(bytes.equals(large)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ["serves them", true, (url: RequestListener) => url],
    [
      "does not",
      false,
      () => (_request, response) => response.writeHead(200, { "content-length": huge.length }).end(huge),
    ],
    ["has no second connection", false, () => (_request, response) => response.writeHead(503).end()],
  ] satisfies readonly (readonly [string, boolean, (good: RequestListener) => RequestListener])[])(
    "The first question has a long whole of a mirror that speaks of ranges confirmed by a second one: one that %s",
    async (_name, ranges, other) => {
      const { url } = await serve((request, response) => {
        if (request.headers.range !== "bytes=0-262143") {
          other(answerWith(huge))(request, response);
          return;
        }
        response.writeHead(200, { "content-length": huge.length, "accept-ranges": "bytes" }).end(huge);
      });
      const { said, bytes } = await begun(url);
      expect(said).toMatchObject({ size: huge.length, ranges });
      expect(bytes.equals(huge)).toBe(true);
    },
  );

  it.each([
    ["416 with a size", 416, { "content-range": "bytes */0" }, ""],
    ["416 without", 416, {}, ""],
    ["416 in another unit", 416, { "content-range": "*/0" }, ""],
    ["204", 204, {}, ""],
    ["400", 400, {}, ""],
    ["a part up to byte -1 of none", 206, { "content-range": "bytes 0--1/0", "content-length": 0 }, ""],
    ["a part up to byte -1 of an unknown size", 206, { "content-range": "bytes 0--1/*", "content-length": 0 }, ""],
    ["a part of a byte that is not there", 206, { "content-range": "bytes 0-0/0", "content-length": 1 }, "x"],
  ])(
    "The first question finds an empty file behind %s, by a question without a range",
    async (_name, status, headers, body) => {
      const server = await serve(emptyFile(status, headers, body));
      const { said, bytes } = await begun(server.url);
      expect(said).toMatchObject({ size: 0 });
      expect(bytes).toHaveLength(0);
      expect(server.requests.map((asked) => asked.headers.range)).toEqual(["bytes=0-262143", undefined]);
      expect(await firstValueFrom(peerAt(server.url).probe())).toMatchObject({ size: 0 });
    },
  );

  it("The first question drops its connection when whoever asked leaves", async () => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-length": 2 ** 40 }).write("x"),
    );
    await firstValueFrom(peerAt(server.url).begin(NEVER).pipe(take(1)));
    await gone(server.sockets);
    expect(server.sockets).toHaveLength(1);
  });

  it("The first question reads a refusal while it is held, and does not wait for the second that reading it may take", async () => {
    const { url } = await serve((_request, response) => response.writeHead(500).end("out of order"));
    const scheduler = new VirtualTimeScheduler(); // nothing that waits comes to its end
    const refused = peerAt(url, { scheduler }).begin(of(true));
    expect(await errorOf(refused)).toMatchObject({ code: "PEER_UNAVAILABLE" });
  });

  it("The first question errors with what a refusal means", async () => {
    const { url } = await serve((_request, response) => response.writeHead(404).end());
    expect(await errorOf(peerAt(url).begin(of(false)))).toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
