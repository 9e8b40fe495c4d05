import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { BehaviorSubject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { connectBrowser } from "../../../src/adapters/http/connectBrowser.js";
import type { HttpPeerOptions } from "../../../src/adapters/http/HttpPeerOptions.js";
import {
  answerWith,
  bytesOf,
  cleanUp,
  errorOf,
  fileOf,
  gone,
  part,
  peerAt,
  plainTcp,
  rangeOf,
  serve,
} from "./harness.js";

const file = fileOf(500_000);
const range = rangeOf(1000, 200_000);
const at = (url: string, options: Partial<HttpPeerOptions> = {}) =>
  peerAt(url, { connect: connectBrowser(), ...options });

afterEach(cleanUp);

describe("a mirror reached by fetch", () => {
  it("A mirror reached by fetch sends ranges and the whole file, and is asked for them as they are", async () => {
    const server = await serve(answerWith(file, { etag: '"a"' }));
    const peer = at(server.url);
    peer.expect({ etag: '"a"', size: file.length });
    expect((await bytesOf(peer.request(range))).equals(file.subarray(1000, 201_000))).toBe(true);
    expect((await bytesOf(peer.whole())).equals(file)).toBe(true);
    const [first, second] = server.requests;
    // Platforms say it themselves, too.
    expect(first?.headers["accept-encoding"]).toMatch(/^identity(, identity)?$/);
    expect(first?.headers.range).toBe("bytes=1000-200999");
    // Browsers ask for a file as it is where they ask for a range of it.
    expect(second?.headers.range).toBe("bytes=0-");
  });

  it("A mirror reached by fetch that makes no sense of all as a range, or gives less, is asked for the whole as such", async () => {
    const answers: readonly RequestListener[] = [
      (_request, response) => response.writeHead(416, { "content-range": "bytes */500000" }).end(),
      (_request, response) => response.writeHead(400).end(),
      (_request, response) => part(response, { first: 0, last: 9, total: 500_000 }).end(file.subarray(0, 10)),
    ];
    for (const answer of answers) {
      const server = await serve((request, response) =>
        request.headers.range === undefined ? answerWith(file)(request, response) : answer(request, response),
      );
      expect((await bytesOf(at(server.url).whole())).equals(file)).toBe(true);
      expect(server.requests.map(({ headers }) => headers.range)).toEqual(["bytes=0-", undefined]);
    }
  });

  it("A mirror reached by fetch is not asked on a condition, which browsers would have to be allowed, and held to its ETag all the same", async () => {
    const server = await serve(answerWith(file, { etag: '"b"' }));
    const peer = at(server.url);
    peer.expect({ etag: '"a"' });
    expect(await errorOf(peer.request(range))).toMatchObject({ code: "RESOURCE_CHANGED" });
    expect(server.requests[0]?.headers["if-match"]).toBeUndefined();
  });

  it("A mirror reached by fetch is refused when it says that the file is compressed, since the platform takes that off", async () => {
    const packed = gzipSync(file);
    const server = await serve(answerWith(packed, { "content-encoding": "gzip" }));
    expect(await errorOf(at(server.url).whole())).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it("A mirror reached by fetch may redirect, and tells its name then", async () => {
    const target = await serve(answerWith(file), { path: "/v2.bin" });
    const server = await serve((_request, response) => response.writeHead(302, { location: target.url }).end());
    expect((await bytesOf(at(server.url).request(range))).equals(file.subarray(1000, 201_000))).toBe(true);
  });

  it("A mirror reached by fetch may not redirect where secrets are sent", async () => {
    const target = await serve(answerWith(file));
    const server = await serve((_request, response) => response.writeHead(302, { location: target.url }).end());
    const headers = { "127.0.0.1": { "x-key": "secret" } };
    expect(await errorOf(at(server.url, { headers }).request(range))).toMatchObject({ code: "PEER_REJECTED" });
    expect(server.requests[0]?.headers["x-key"]).toBe("secret");
    expect(target.requests).toHaveLength(0);
  });

  it("A mirror reached by fetch fails with codes", async () => {
    const missing = await serve((_request, response) => response.writeHead(404).end());
    expect(await errorOf(at(missing.url).request(range))).toMatchObject({ code: "FILE_NOT_FOUND" });
    missing.server.close();
    missing.server.closeAllConnections();
    expect(await errorOf(at(missing.url).request(range))).toMatchObject({ code: "CONNECTION_REFUSED" });
    const reset = await plainTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(await errorOf(at(reset.url).request(range))).toMatchObject({ code: "CONNECTION_RESET" });
    const cut = await serve((request, response) => {
      part(response, { first: 1000, last: 200_999, total: 500_000 }).write("half", () => request.socket.end());
    });
    expect(await errorOf(at(cut.url).request(range))).toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("A mirror reached by fetch loses its connection at unsubscribe, before the answer and within the body, and when the peer is closed", async () => {
    const silent = await serve(() => undefined);
    const before = at(silent.url).request(range).subscribe();
    while (silent.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    before.unsubscribe();
    await gone(silent.sockets);

    const slow = await serve((_request, response) => {
      part(response, { first: 1000, last: 200_999, total: 500_000 }).write("x");
    });
    await new Promise<void>((resolve) => {
      const within = at(slow.url)
        .request(range)
        .subscribe(() => {
          within.unsubscribe();
          resolve();
        });
    });
    await gone(slow.sockets);

    const peer = at(slow.url);
    const error = await new Promise((resolve) => {
      peer.request(range).subscribe({ next: () => peer.close(), error: resolve });
    });
    expect(error).toMatchObject({ code: "CONNECTION_LOST" });
    await gone(slow.sockets);
  });

  it("A mirror reached by fetch is not read while held", async () => {
    const paused = new BehaviorSubject(true);
    const server = await serve(answerWith(file));
    let came = 0;
    const bytes = new Promise<void>((resolve, reject) => {
      at(server.url, { paused })
        .request(range)
        .subscribe({ next: (piece) => (came += piece.length), complete: resolve, error: reject });
    });
    while (!paused.observed) await new Promise((resolve) => setImmediate(resolve));
    for (let time = 0; time < 50; time += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(came).toBe(0);
    paused.next(false);
    await bytes;
    expect(came).toBe(200_000);
    expect(paused.observed).toBe(false);
  });
});
