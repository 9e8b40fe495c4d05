import { firstValueFrom, NEVER, of, switchMap, toArray, VirtualTimeScheduler } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import { atEnd, bytesOf, cleanUp, errorOf, fileOf, plainTcp, rangeOf } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);
const range = rangeOf(0, 1000);
const head = "HTTP/1.1 206 OK\r\nContent-Range: bytes 0-999/1000\r\n";

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask, asksAgain }) => {
  /** Answers each request with these bytes. */
  const answering = (...bytes: readonly (string | Buffer)[]) =>
    plainTcp((socket) => socket.on("data", () => socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))))));

  describe("an answer", () => {
    it("An answer may come behind others that are none yet", async () => {
      const early = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
      const { url } = await answering(early, `${head}Content-Length: 1000\r\n\r\n`, file);
      expect((await bytesOf(ask(peerAt(url), range))).equals(file)).toBe(true);
    });

    it("An answer that switches to another protocol is PROTOCOL_ERROR", async () => {
      const { url, sockets } = await answering("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
      expect(await errorOf(ask(peerAt(url), range))).toMatchObject({ code: "PROTOCOL_ERROR" });
      expect(sockets).toHaveLength(1 + asksAgain);
    });

    it("An answer has the headers that came several times joined by commas", async () => {
      const { url } = await answering(
        "HTTP/1.1 200 OK\r\nETag: a\r\nX: 1\r\nETag: b\r\nx: 2\r\nContent-Length: 0\r\n\r\n",
      );
      const line = connectNode()();
      atEnd(() => line.close());
      const request = { url, peer: url, headers: {}, credentials: {}, paused: NEVER };
      const [headers] = await firstValueFrom(
        line.send(request).pipe(
          switchMap(({ headers: came, body }) =>
            body.pipe(
              toArray(),
              switchMap(() => of(came)),
            ),
          ),
          toArray(),
        ),
      );
      expect(headers).toMatchObject({ etag: "a, b", x: "1, 2", "content-length": "0" });
    });

    it("An answer is right where more comes behind it, which nobody asked for", async () => {
      const { url } = await answering(`${head}Content-Length: 1000\r\n\r\n`, file, "and more");
      const peer = peerAt(url);
      expect((await bytesOf(ask(peer, range))).equals(file)).toBe(true);
      expect((await bytesOf(ask(peer, range))).equals(file)).toBe(true);
    });

    it.each(["Content-Length: 1000\r\nContent-Length: 1000", "Content-Length: 1000, 1000"])(
      "An answer may tell its length twice alike: %j",
      async (lengths) => {
        const { url } = await answering(`${head}${lengths}\r\n\r\n`, file);
        const peer = peerAt(url);
        expect((await bytesOf(ask(peer, range))).equals(file)).toBe(true);
        expect((await bytesOf(ask(peer, range))).equals(file)).toBe(true);
        const whole = await answering(`HTTP/1.1 200 OK\r\n${lengths}\r\n\r\n`, file);
        expect((await bytesOf(peerAt(whole.url).whole())).equals(file)).toBe(true);
      },
    );

    it("An answer that tells its length twice is right where more comes behind it", async () => {
      const { url } = await answering(`${head}Content-Length: 1000\r\nContent-Length: 1000\r\n\r\n`, file, "and more");
      const peer = peerAt(url);
      expect((await bytesOf(ask(peer, range))).equals(file)).toBe(true);
      expect((await bytesOf(ask(peer, range))).equals(file)).toBe(true);
    });

    it.each([204, 304])("An answer of status %i has no body to wait for, whatever length it tells", async (status) => {
      const scheduler = new VirtualTimeScheduler(); // no time passes
      for (const lengths of ["Content-Length: 1000", "Content-Length: 1000\r\nContent-Length: 1000"]) {
        const { url } = await answering(`HTTP/1.1 ${status} No\r\n${lengths}\r\n\r\n`);
        expect(await errorOf(ask(peerAt(url, { scheduler }), range))).toMatchObject({ code: "PEER_REJECTED" });
      }
    });

    it.each([
      ["a length and chunks", "Content-Length: 1000\r\nTransfer-Encoding: chunked\r\n\r\n"],
      ["two lengths", "Content-Length: 1000\r\nContent-Length: 999\r\n\r\n"],
      ["two lengths in one line", "Content-Length: 1000, 999\r\n\r\n"],
      ["a line that is no header", "what is this\r\n\r\n"],
    ])("An answer with %s is PROTOCOL_ERROR", async (_name, wrong) => {
      const { url } = await answering(`${head}${wrong}`, file);
      expect(await errorOf(ask(peerAt(url), range))).toMatchObject({ code: "PROTOCOL_ERROR" });
    });
  });
});
