import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, bytesOf, cleanUp, errorOf, fileOf, type Heard, plainTcp, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(1000);
const range = rangeOf(10, 50);
const isRight = (bytes: Buffer) => bytes.equals(file.subarray(10, 60));
const to =
  (location: string, status = 302): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { location }).end("elsewhere");

afterEach(cleanUp);

describe.each(lanes)("$name:", ({ peerAt, ask, asksAgain }) => {
  describe("a redirect", () => {
    it.each([301, 302, 303, 307, 308])("%i is followed, with the range", async (status) => {
      const target = await serve(answerWith(file), { host: "127.0.0.2" });
      const server = await serve(to(target.url, status));
      expect(isRight(await bytesOf(ask(peerAt(server.url), range)))).toBe(true);
      expect(target.requests[0]?.headers.range).toBe("bytes=10-59");
    });

    it("A redirect may be relative, and keeps its connection", async () => {
      const server = await serve((request, response) => {
        if (request.url === "/files/here") answerWith(file)(request, response);
        else to("../files/here")(request, response);
      });
      expect(isRight(await bytesOf(ask(peerAt(server.url), range)))).toBe(true);
      expect(server.sockets).toHaveLength(1 + asksAgain);
    });

    it.each([
      ["UTF-8", "/näh€r/💾.bin?q=ä", "/n%C3%A4h%E2%82%ACr/%F0%9F%92%BE.bin?q=%C3%A4", "utf8"],
      ["Latin-1", "/näher.bin?q=ä", "/n%E4her.bin?q=%E4", "latin1"],
      ["UTF-8 in part only", "/ä%20b%C3%A4", "/%C3%A4%20b%C3%A4", "utf8"],
    ] as const)(
      "A redirect may be written in bare %s, and is asked for by those bytes",
      async (_name, location, path, encoding) => {
        const paths: string[] = [];
        const { url } = await plainTcp((socket) =>
          socket.on("data", (request) => {
            const asked = /^GET (\S+) /.exec(request.toString("latin1"))?.[1] ?? "";
            paths.push(asked);
            const isThere = asked === path;
            const head = isThere
              ? "HTTP/1.1 206 OK\r\nContent-Range: bytes 10-59/1000\r\nContent-Length: 50"
              : `HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ${location}`;
            socket.write(Buffer.from(`${head}\r\n\r\n`, encoding));
            if (isThere) socket.write(file.subarray(10, 60));
          }),
        );
        expect(isRight(await bytesOf(ask(peerAt(url), range)))).toBe(true);
        expect(paths.at(-1)).toBe(path);
      },
    );

    it("A redirect may lead to a host whose name is written in bare UTF-8", async () => {
      const server = await serve((_request, response) =>
        response.writeHead(302, { location: Buffer.from("http://mü.invalid/x").toString("latin1") }).end(),
      );
      const error = await errorOf(ask(peerAt(server.url), range));
      expect([error.code, error.message]).toEqual(["HOST_NOT_FOUND", expect.stringContaining("xn--m-eha.invalid")]);
    });

    it("A redirect with a large page drops its connection rather than read it", async () => {
      const server = await serve((request, response) => {
        if (request.url === "/here") answerWith(file)(request, response);
        else response.writeHead(302, { location: "/here" }).end(Buffer.alloc(1_000_000));
      });
      expect(isRight(await bytesOf(ask(peerAt(server.url), range)))).toBe(true);
      expect(server.sockets).toHaveLength(2 + asksAgain);
    });

    it.each([
      ["five times", 5, undefined],
      ["six times", 6, "PEER_REJECTED"],
      ["in a circle", Infinity, "PEER_REJECTED"],
    ])("%s", async (_name, times, code) => {
      const server = await serve((request, response) => {
        const [, seen = "0"] = /^\/hop(\d+)$/.exec(request.url ?? "") ?? [];
        if (Number(seen) < times) to(`/hop${Number(seen) + 1}`)(request, response);
        else answerWith(file)(request, response);
      });
      const stream = ask(peerAt(server.url), range);
      if (code === undefined) expect(isRight(await bytesOf(stream))).toBe(true);
      else expect(await errorOf(stream)).toMatchObject({ code });
      expect(server.requests).toHaveLength(6 + asksAgain);
    });

    it("A redirect is not followed where the option says so", async () => {
      const server = await serve(to("/"));
      const error = await errorOf(ask(peerAt(server.url, { maxRedirects: 0 }), range));
      expect(error.message).toContain("redirects more than 0 times");
    });

    it.each([
      ["nowhere", {}, "PROTOCOL_ERROR"],
      ["nonsense", { location: "http://a b:c/" }, "PROTOCOL_ERROR"],
      ["a file", { location: "file:///etc/passwd" }, "PEER_REJECTED"],
      ["FTP", { location: "ftp://127.0.0.1/x" }, "PEER_REJECTED"],
    ])("A redirect to %s is refused", async (_name, headers, code) => {
      const server = await serve((_request, response) => response.writeHead(302, headers).end());
      expect(await errorOf(ask(peerAt(server.url), range))).toMatchObject({ code });
    });
  });

  describe("secrets", () => {
    const heardBy = ({ requests }: Heard) => requests.map(({ headers }) => [headers.authorization, headers["x-key"]]);
    const basic = `Basic ${Buffer.from("mé:p@ss").toString("base64")}`;
    const withUser = (url: string) => url.replace("//", "//m%C3%A9:p%40ss@");

    it("Secrets of the address go to its origin alone, and show nowhere", async () => {
      const target = await serve(answerWith(file));
      const server = await serve((request, response) => {
        if (request.url === "/file.bin") to("/again")(request, response);
        else to(target.url)(request, response);
      });
      const peer = peerAt(`${withUser(server.url)}#part`);
      expect(isRight(await bytesOf(ask(peer, range)))).toBe(true);
      expect(heardBy(server)).toEqual(Array.from({ length: 2 + asksAgain }, () => [basic, undefined]));
      expect(heardBy(target)).toEqual([[undefined, undefined]]);
      expect(peer.id).toBe(server.url);
      target.server.removeAllListeners("request").on("request", (_request, response) => response.writeHead(404).end());
      expect((await errorOf(ask(peer, range))).message).not.toMatch(/p@ss|p%40ss/);
    });

    it("Secrets go to the hosts they were given for", async () => {
      const target = await serve(answerWith(file), { host: "127.0.0.2" });
      const server = await serve(to(target.url));
      const options = {
        tokens: { "127.0.0.1": "one", [`127.0.0.2:${target.port}`]: "two" },
        headers: { "127.0.0.1": { "X-Key": "k1" }, [`127.0.0.2:${target.port + 1}`]: { "X-Key": "k2" } },
      };
      await bytesOf(ask(peerAt(server.url, options), range));
      expect(heardBy(server)).toEqual(Array.from({ length: 1 + asksAgain }, () => ["Bearer one", "k1"]));
      expect(heardBy(target)).toEqual([["Bearer two", undefined]]);
    });

    it("Secrets are a header that was given, before a user, before a token", async () => {
      const server = await serve(answerWith(file));
      const tokens = { "127.0.0.1": "token" };
      const headers = { "127.0.0.1": { Authorization: "Own way" } };
      await bytesOf(ask(peerAt(withUser(server.url), { tokens }), range));
      await bytesOf(ask(peerAt(withUser(server.url), { tokens, headers }), range));
      expect(heardBy(server).map(([authorization]) => authorization)).toEqual([basic, "Own way"]);
    });

    it("Secrets that a redirect brings are left where they are", async () => {
      const target = await serve(answerWith(file));
      const server = await serve(to(withUser(target.url)));
      await bytesOf(ask(peerAt(server.url), range));
      expect(heardBy(target)).toEqual([[undefined, undefined]]);
    });
  });

  describe("a mirror cannot be", () => {
    it.each<[string, string, object]>([
      ["no address", "nonsense", TypeError],
      ["of another kind", "ftp://me:secret@host/x", TypeError],
      ["with a user that is not escaped", "http://me:%zz@host/x", TypeError],
    ])("%s", (_name, url, kind) => {
      expect(() => peerAt(url)).toThrow(kind);
      expect(() => peerAt(url)).not.toThrow(/secret|%zz/);
    });

    it.each([
      [{ tokens: { host: "two words" } }, TypeError, "the token for host:80"],
      [{ headers: { host: { "X Key": "a" } } }, RangeError, "is no name of a header"],
      [{ headers: { host: { "x-key": "a\r\nb" } } }, RangeError, "x-key for host"],
      [{ headers: { host: { Range: "bytes=0-1" } } }, RangeError, "Range, for host"],
      [{ maxRedirects: -1 }, RangeError, "maxRedirects is -1"],
      [{ maxRetryAfterMs: NaN }, RangeError, "maxRetryAfterMs is NaN"],
    ])("A mirror with %o cannot be", (options, kind, text) => {
      expect(() => peerAt("http://host/x", options)).toThrow(kind);
      expect(() => peerAt("http://host/x", options)).toThrow(text);
    });
  });
});
