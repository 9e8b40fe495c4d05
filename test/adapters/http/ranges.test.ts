import type { OutgoingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";
import { type Observable, tap } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, part, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask, asksAgain }) => {
  describe("a range of a mirror's file", () => {
    it("A range is asked for by its first and last byte, as it is, by a GET that says who asks", async () => {
      const server = await serve(answerWith(file));
      const bytes = await bytesOf(ask(peerAt(server.url), rangeOf(100, 250)));
      expect(bytes.equals(file.subarray(100, 350))).toBe(true);
      expect(server.requests.map(({ method, headers }) => [method, headers.range, headers["accept-encoding"]])).toEqual(
        [["GET", "bytes=100-349", "identity"]],
      );
      expect(server.requests[0]?.headers["user-agent"]).toMatch(/^rx-tributary\/\d+\.\d+\.\d+$/);
    });

    it("A range comes from places beyond what 32 bits can count", async () => {
      const total = 2 ** 43;
      const server = await serve((request, response) => {
        expect(request.headers.range).toBe(`bytes=${2 ** 42}-${2 ** 42 + 9}`);
        part(response, { first: 2 ** 42, last: 2 ** 42 + 9, total }).end("0123456789");
      });
      const peer = peerAt(server.url);
      peer.expect({ size: total });
      expect((await bytesOf(ask(peer, rangeOf(2 ** 42, 10)))).toString()).toBe("0123456789");
    });

    it("A range may come in chunks, without its length, and of a file whose size the server does not know", async () => {
      const server = await serve((_request, response) => {
        response.writeHead(206, { "content-range": "bytes 0-9/*" });
        response.write("01234");
        response.end("56789");
      });
      const peer = peerAt(server.url);
      peer.expect({ size: 1000 });
      expect((await bytesOf(ask(peer, rangeOf(0, 10)))).toString()).toBe("0123456789");
      expect(server.requests).toHaveLength(1 + asksAgain);
    });

    it.each(["gzip", "x-gzip", "aws-chunked", "identity, identity", "gzip, aws-chunked", "GZIP"])(
      "A range is that of the file as it is stored, which the mirror calls %s",
      async (coding) => {
        const server = await serve(answerWith(file, { "content-encoding": coding }));
        const peer = peerAt(server.url);
        peer.expect({ size: 1000 });
        expect((await bytesOf(ask(peer, rangeOf(100, 250)))).equals(file.subarray(100, 350))).toBe(true);
        expect(server.requests).toHaveLength(1);
      },
    );

    it.each([
      "bytes=100-349/1000",
      "bytes: 100-349/1000",
      "Bytes 100-349/1000",
      "100-349/1000",
      " bytes  100-349/1000 ",
    ])("A range may be told as %s", async (range) => {
      const server = await serve(answerWith(file, { "content-range": range }));
      expect((await bytesOf(ask(peerAt(server.url), rangeOf(100, 250)))).equals(file.subarray(100, 350))).toBe(true);
    });

    it("A range is asked for again by each subscription, and by none that was not made", async () => {
      const server = await serve(answerWith(file));
      const request = ask(peerAt(server.url), rangeOf(0, 10));
      expect(server.requests).toHaveLength(0);
      await bytesOf(request);
      await bytesOf(request);
      expect(server.requests).toHaveLength(2);
    });
  });

  describe("a 206 is refused before a byte of it is used when", () => {
    const right = { "content-range": "bytes 100-199/1000", "content-length": "100" };

    it.each<[string, OutgoingHttpHeaders, string, string]>([
      ["it does not say which bytes it has", {}, "PROTOCOL_ERROR", "no Content-Range"],
      [
        "it starts elsewhere",
        { ...right, "content-range": "bytes 0-99/1000" },
        "PROTOCOL_ERROR",
        "bytes 0-99, expected",
      ],
      ["it starts early", { "content-range": "bytes 50-199/1000" }, "PROTOCOL_ERROR", "bytes 50-199, expected"],
      ["it ends early", { "content-range": "bytes 100-150/1000" }, "PROTOCOL_ERROR", "bytes 100-150, expected"],
      ["it ends late", { "content-range": "bytes 100-299/1000" }, "PROTOCOL_ERROR", "bytes 100-299, expected"],
      ["its range runs backwards", { "content-range": "bytes 199-100/1000" }, "PROTOCOL_ERROR", "199-100"],
      ["its range ends beyond the file", { "content-range": "bytes 100-199/150" }, "PROTOCOL_ERROR", "100-199/150"],
      ["its unit is another", { "content-range": "items 100-199/1000" }, "PROTOCOL_ERROR", "items"],
      ["its range is none", { "content-range": "bytes 100-1e2/1000" }, "PROTOCOL_ERROR", "1e2"],
      ["its range has no bytes", { "content-range": "bytes */1000" }, "PROTOCOL_ERROR", "bytes -1--1"],
      [
        "its length is not that of its range",
        { ...right, "content-length": "90" },
        "PROTOCOL_ERROR",
        "90 bytes, expected 100",
      ],
      [
        "it is compressed, and the file has another size so",
        { ...right, "content-range": "bytes 100-199/400", "content-encoding": "gzip" },
        "PROTOCOL_ERROR",
        "gzip, expected it as it is with 1000 bytes, and not with 400",
      ],
      [
        "its transfer is compressed",
        { "content-range": right["content-range"], "transfer-encoding": "gzip, chunked" },
        "PROTOCOL_ERROR",
        "gzip",
      ],
      [
        "it has several parts",
        { ...right, "content-type": "multipart/byteranges; boundary=x" },
        "PROTOCOL_ERROR",
        "several parts",
      ],
      [
        "the file has another size",
        { ...right, "content-range": "bytes 100-199/1001" },
        "RESOURCE_CHANGED",
        "1001, expected 1000",
      ],
      ["the file has shrunk", { "content-range": "bytes 100-149/150" }, "RESOURCE_CHANGED", "150, expected 1000"],
    ])("%s", async (_name, headers, code, text) => {
      const server = await serve((_request, response) => response.writeHead(206, headers).end(file.subarray(100, 190)));
      const peer = peerAt(server.url);
      peer.expect({ size: 1000 });
      let came = 0;
      const error = await errorOf(counting(ask(peer, rangeOf(100, 100)), () => (came += 1)));
      expect(error).toMatchObject({ code, peer: server.url });
      expect(error.message).toContain(text);
      expect(came).toBe(0);
    });

    it("A 206 that is compressed on its way is refused before a byte of it is used, whatever its length", async () => {
      const body = gzipSync(file.subarray(100, 200));
      const server = await serve((_request, response) => {
        response.writeHead(206, { "content-range": "bytes 100-199/1000", "content-encoding": "gzip" }).end(body);
      });
      expect(await errorOf(ask(peerAt(server.url), rangeOf(100, 100)))).toMatchObject({ code: "PROTOCOL_ERROR" });
    });
  });

  describe("a body that is not as long as its range", () => {
    it("A body that is shorter than its range is CONNECTION_LOST, and what came stays", async () => {
      const server = await serve((_request, response) => {
        response.writeHead(206, { "content-range": "bytes 0-99/1000", connection: "close" });
        response.useChunkedEncodingByDefault = false;
        response.end(file.subarray(0, 40));
      });
      let came = 0;
      const stream = ask(peerAt(server.url), rangeOf(0, 100));
      const error = await errorOf(counting(stream, (bytes) => (came += bytes)));
      expect(error).toMatchObject({ code: "CONNECTION_LOST" });
      expect(error.message).toContain("40 bytes, expected 100");
      expect(came).toBe(40);
    });

    it("A body that is longer than its range is INVALID_CHUNK, and no byte too many is passed on", async () => {
      const server = await serve((_request, response) => {
        response.writeHead(206, { "content-range": "bytes 0-99/1000" });
        response.write(file.subarray(0, 60));
        setImmediate(() => response.end(file.subarray(0, 60)));
      });
      let came = 0;
      const stream = ask(peerAt(server.url), rangeOf(0, 100));
      expect(await errorOf(counting(stream, (bytes) => (came += bytes)))).toMatchObject({ code: "INVALID_CHUNK" });
      expect(came).toBeLessThanOrEqual(100);
    });

    it("A body ends where its Content-Length says, whatever follows", async () => {
      const server = await serve((request) => {
        request.socket.write("HTTP/1.1 206 OK\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\n01234and more");
      });
      expect((await bytesOf(ask(peerAt(server.url), rangeOf(0, 5)))).toString()).toBe("01234");
    });
  });

  function counting<T extends Uint8Array>(source: Observable<T>, count: (bytes: number) => void): Observable<T> {
    return source.pipe(tap((bytes) => count(bytes.length)));
  }
});
