import type { OutgoingHttpHeaders } from "node:http";
import { BehaviorSubject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, atEnd, bytesOf, cleanUp, errorOf, fileOf, gone, peerAt, rangeOf, serve } from "./harness.js";

const file = fileOf(200_000);

afterEach(cleanUp);

/** A mirror that answers any request with the whole file, or another body. */
async function wholeOnly(headers: OutgoingHttpHeaders = {}, body: Buffer = file, path = "/file.bin") {
  return serve(
    (_request, response) => response.writeHead(200, { "content-length": body.length, ...headers }).end(body),
    {
      path,
    },
  );
}

describe("a mirror that answers 200 to a range", () => {
  it("A mirror that answers 200 to a range serves no ranges from now on, is not to blame, and stops sending", async () => {
    const size = 50_000_000;
    const server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": size }).write(file);
    });
    const peer = peerAt(server.url);
    let changes = 0;
    const watch = peer.changes.subscribe(() => (changes += 1));
    atEnd(() => watch.unsubscribe());
    peer.expect({ size });
    expect(peer.ranges).toBe(true);
    expect(await errorOf(peer.request(rangeOf(100, 100)))).toMatchObject({ code: "CHUNK_NOT_AVAILABLE" });
    expect(await errorOf(peer.request(rangeOf(0, 100)))).toMatchObject({ code: "CHUNK_NOT_AVAILABLE" });
    expect([peer.ranges, changes]).toEqual([false, 1]);
    await gone(server.sockets);
    expect(server.sockets).toHaveLength(2);
  });

  it("A 200 to a range is right where the range is the whole file", async () => {
    const server = await wholeOnly();
    const peer = peerAt(server.url);
    peer.expect({ size: file.length });
    expect((await bytesOf(peer.request(rangeOf(0, file.length)))).equals(file)).toBe(true);
    expect(peer.ranges).toBe(true);
  });

  it("A 200 to a range is right where it tells no length, and the file is known to be as long as the range", async () => {
    const server = await serve((_request, response) => response.writeHead(200).end(file));
    const peer = peerAt(server.url);
    expect(await errorOf(peer.request(rangeOf(0, file.length)))).toMatchObject({ code: "CHUNK_NOT_AVAILABLE" });
    peer.expect({ size: file.length });
    expect((await bytesOf(peer.request(rangeOf(0, file.length)))).equals(file)).toBe(true);
  });

  it.each<[string, OutgoingHttpHeaders]>([
    ["of another size", {}],
    ["that is a page of unknown length", { "content-length": undefined, "content-type": "text/html; charset=utf-8" }],
  ])("A mirror that answers 200 to a range has another file when it sends one %s", async (_name, headers) => {
    const page = Buffer.from("<html>please sign in</html>");
    const server = await serve((_request, response) => {
      const { "content-length": length = page.length, ...rest } = headers;
      if ("content-length" in headers) response.writeHead(200, rest).end(page);
      else response.writeHead(200, { ...rest, "content-length": length }).end(page);
    });
    const peer = peerAt(server.url);
    peer.expect({ size: 5000 });
    expect(await errorOf(peer.request(rangeOf(0, 5000)))).toMatchObject({ code: "RESOURCE_CHANGED" });
    expect(await errorOf(peer.whole())).toMatchObject({ code: "RESOURCE_CHANGED" });
    expect(peer.ranges).toBe(true);
  });

  it("A mirror may send a page when that is what was asked for", async () => {
    const server = await serve(
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end(file),
      { path: "/index.html" },
    );
    const peer = peerAt(server.url);
    peer.expect({ size: file.length });
    expect((await bytesOf(peer.whole())).equals(file)).toBe(true);
  });
});

describe("the whole file", () => {
  it("The whole file is asked for without a range", async () => {
    const server = await serve(answerWith(file));
    expect((await bytesOf(peerAt(server.url).whole())).equals(file)).toBe(true);
    expect(server.requests.map(({ method, headers }) => [method, headers.range])).toEqual([["GET", undefined]]);
  });

  it("The whole file waits while its reader or the download says so", async () => {
    const [mine, ours] = [new BehaviorSubject(true), new BehaviorSubject(true)];
    const server = await serve(answerWith(file));
    let came = 0;
    const ended = new Promise<void>((resolve, reject) => {
      const stream = peerAt(server.url, { paused: ours }).whole(mine);
      stream.subscribe({ next: (bytes) => (came += bytes.length), complete: resolve, error: reject });
    });
    const turns = async (times: number) => {
      for (let time = 0; time < times; time += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    while (!mine.observed) await turns(1);
    await turns(20);
    mine.next(false);
    await turns(20);
    expect(came).toBe(0);
    ours.next(false);
    await ended;
    expect(came).toBe(file.length);
  });

  it("The whole file goes on for a reader that holds it after each piece", async () => {
    const paused = new BehaviorSubject(false);
    const server = await serve(answerWith(file));
    let came = 0;
    await new Promise<void>((resolve, reject) => {
      const next = (bytes: Uint8Array) => {
        expect(bytes.length).toBeGreaterThan(0);
        came += bytes.length;
        paused.next(true);
        queueMicrotask(() => paused.next(false));
      };
      peerAt(server.url).whole(paused).subscribe({ next, complete: resolve, error: reject });
    });
    expect(came).toBe(file.length);
  });

  it("The whole file may be empty, or of unknown length", async () => {
    const empty = await wholeOnly({}, Buffer.alloc(0));
    expect(await bytesOf(peerAt(empty.url).whole())).toHaveLength(0);
    const chunked = await serve((_request, response) => response.writeHead(200).end(file));
    expect((await bytesOf(peerAt(chunked.url).whole())).equals(file)).toBe(true);
  });

  it("The whole file is that which is stored, where its mirror calls that compressed", async () => {
    const packed = await wholeOnly({ "content-encoding": "gzip" });
    expect((await bytesOf(peerAt(packed.url).whole())).equals(file)).toBe(true);
  });

  it("The whole file is refused when it is compressed on its way, or not as long as it is known to be so", async () => {
    const packing = await serve((_request, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(file),
    );
    expect(await errorOf(peerAt(packing.url).whole())).toMatchObject({ code: "PROTOCOL_ERROR" });
    const packed = await wholeOnly({ "content-encoding": "gzip" });
    const peer = peerAt(packed.url);
    peer.expect({ size: 10 * file.length });
    expect(await errorOf(peer.whole())).toMatchObject({ code: "PROTOCOL_ERROR" });
  });

  it("The whole file is refused when it is the answer to another question", async () => {
    const partial = await serve((_request, response) => {
      response.writeHead(206, { "content-range": "bytes 0-9/10" }).end("0123456789");
    });
    expect(await errorOf(peerAt(partial.url).whole())).toMatchObject({ code: "PEER_REJECTED" });
    const missing = await serve((_request, response) => response.writeHead(404).end("no such file"));
    expect(await errorOf(peerAt(missing.url).whole())).toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it.each([
    ["shorter", 100_000, "CONNECTION_LOST"],
    ["longer", 250_000, "INVALID_CHUNK"],
  ])("A whole file that is %s than it is known to be is %s", async (_name, length, code) => {
    const server = await serve((_request, response) => response.writeHead(200).end(fileOf(length)));
    const peer = peerAt(server.url);
    peer.expect({ size: file.length });
    expect(await errorOf(peer.whole())).toMatchObject({ code });
  });

  it("A whole file that breaks off before its length is CONNECTION_LOST", async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => request.socket.end());
    });
    expect(await errorOf(peerAt(server.url).whole())).toMatchObject({ code: "CONNECTION_LOST" });
  });
});
