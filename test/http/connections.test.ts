import type { Socket } from "node:net";
import { BehaviorSubject, Subject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { undiciError } from "../../src/adapters/http/undiciError.js";
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

const file = fileOf(1_000_000);
const range = rangeOf(0, 1000);
const turn = () => new Promise((resolve) => setImmediate(resolve));

afterEach(cleanUp);

describe("connections", () => {
  it("carry one request after the other, also where the next is made at the last one's end", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    await new Promise<void>((resolve, reject) => {
      const next = (left: number): unknown =>
        left === 0
          ? resolve()
          : peer.request(rangeOf(left * 1000, 70_000)).subscribe({ complete: () => next(left - 1), error: reject });
      next(20);
    });
    expect(server.requests).toHaveLength(20);
    expect(server.sockets).toHaveLength(1);
  });

  it("are one for each request under way", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    const all = [0, 1, 2, 3, 4].map((at) => bytesOf(peer.request(rangeOf(at * 100_000, 100_000))));
    expect(Buffer.concat(await Promise.all(all)).equals(file.subarray(0, 500_000))).toBe(true);
    expect(server.sockets).toHaveLength(5);
  });

  it("are dialled anew where the server closes each", async () => {
    const server = await serve(answerWith(file, { connection: "close" }));
    const peer = peerAt(server.url);
    for (let time = 0; time < 3; time += 1) expect(await bytesOf(peer.request(range))).toHaveLength(1000);
    expect(server.sockets).toHaveLength(3);
  });

  it("are dialled anew where the server closed an idle one", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    await bytesOf(peer.request(range));
    server.sockets[0]?.end();
    await gone(server.sockets);
    expect(await bytesOf(peer.request(range))).toHaveLength(1000);
    expect(server.sockets).toHaveLength(2);
  });

  it("are new ones after renew, and the old ones go when they are free", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    await bytesOf(peer.request(range));
    peer.renew();
    await gone(server.sockets);
    const running = bytesOf(peer.request(range));
    peer.renew();
    expect(await bytesOf(peer.request(range))).toHaveLength(1000);
    expect(await running).toHaveLength(1000);
    expect(server.sockets).toHaveLength(3);
  });
});

describe("unsubscribing", () => {
  it("closes the connection within a body, and dials no other", async () => {
    const server = await serve((_request, response) => part(response, { first: 0, last: 999, total: 1000 }).write("x"));
    const peer = peerAt(server.url);
    await new Promise<void>((resolve) => {
      const running = peer.request(range).subscribe(() => {
        running.unsubscribe();
        resolve();
      });
    });
    await gone(server.sockets);
    for (let time = 0; time < 20; time += 1) await turn();
    expect(server.sockets).toHaveLength(1);
  });

  it("closes it before the answer", async () => {
    const asked = new Subject<void>();
    const server = await serve(() => asked.next());
    const running = peerAt(server.url).request(range).subscribe();
    await new Promise<void>((resolve) => asked.subscribe(resolve));
    running.unsubscribe();
    await gone(server.sockets);
    expect(server.sockets).toHaveLength(1);
  });

  it("gives up what is still dialled", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    peer.request(range).subscribe().unsubscribe();
    expect(await bytesOf(peer.request(range))).toHaveLength(1000);
    expect(server.requests).toHaveLength(1);
  });

  it("at the last byte leaves the connection for others", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    await new Promise<void>((resolve) => {
      let came = 0;
      const running = peer.request(range).subscribe((bytes) => {
        came += bytes.length;
        if (came < 1000) return;
        running.unsubscribe();
        resolve();
      });
    });
    await turn();
    await turn();
    await bytesOf(peer.request(range));
    expect(server.sockets).toHaveLength(1);
  });
});

describe("a connection that fails", () => {
  it("is CONNECTION_REFUSED where nobody listens", async () => {
    const server = await serve(answerWith(file));
    server.server.close();
    expect(await errorOf(peerAt(server.url).request(range))).toMatchObject({
      code: "CONNECTION_REFUSED",
      peer: server.url,
    });
  });

  it("is HOST_NOT_FOUND where the name is unknown", async () => {
    expect(await errorOf(peerAt("http://nowhere.invalid/x").request(range))).toMatchObject({ code: "HOST_NOT_FOUND" });
  });

  it.each<[string, (socket: Socket) => unknown, string]>([
    ["resets before an answer", (socket) => socket.resetAndDestroy(), "CONNECTION_RESET"],
    ["hangs up before an answer", (socket) => socket.end(), "CONNECTION_LOST"],
    ["speaks another language", (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"), "PROTOCOL_ERROR"],
    [
      "sends headers without end",
      (socket) => socket.write(`HTTP/1.1 206 OK\r\nx: ${"y".repeat(100_000)}`),
      "PROTOCOL_ERROR",
    ],
  ])("when the mirror %s", async (_name, act, code) => {
    const { url } = await plainTcp((socket) => socket.once("data", () => act(socket)));
    expect(await errorOf(peerAt(url).request(range))).toMatchObject({ code, peer: url });
  });

  it.each<[string, (socket: Socket) => unknown, string]>([
    ["resets", (socket) => socket.resetAndDestroy(), "CONNECTION_RESET"],
    ["hangs up", (socket) => socket.end(), "CONNECTION_LOST"],
  ])("when the mirror %s within a body, of which what came stays", async (_name, act, code) => {
    let end: (() => unknown) | undefined;
    const server = await serve(({ socket }, response) => {
      end = () => act(socket);
      part(response, { first: 0, last: 999, total: 1000 }).write(file.subarray(0, 400));
    });
    let came = 0;
    const error = await new Promise((resolve) => {
      peerAt(server.url)
        .request(range)
        .subscribe({
          next: (bytes) => {
            came += bytes.length;
            if (came === 400) end?.();
          },
          error: resolve,
        });
    });
    expect(error).toMatchObject({ code });
    expect(came).toBe(400);
  });

  it("is CONNECTION_LOST within a chunked body", async () => {
    const { url } = await plainTcp((socket) =>
      socket.once("data", () => {
        const head =
          "HTTP/1.1 206 OK\r\nContent-Range: bytes 0-999/1000\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        socket.end(`${head}a\r\n0123456789\r\n`);
      }),
    );
    const error = await errorOf(peerAt(url).request(range));
    expect(error).toMatchObject({ code: "CONNECTION_LOST" });
    expect(error.message).toMatch(/EOF/);
  });

  it("means PEER_BUSY while the mirror serves another one", async () => {
    let served = 0;
    const server = await serve((request, response) => {
      if ((served += 1) > 1) request.socket.resetAndDestroy();
      else part(response, { first: 0, last: 999, total: 1000 }).write("x");
    });
    const peer = peerAt(server.url);
    const running = new Subject<unknown>();
    const first = peer.request(range).subscribe(running);
    await new Promise((resolve) => running.subscribe(resolve));
    const error = await errorOf(peer.request(range));
    expect(error).toMatchObject({ code: "PEER_BUSY" });
    expect(error.message).toContain("no more than 1 connections");
    first.unsubscribe();
    expect(await errorOf(peer.request(range))).toMatchObject({ code: "CONNECTION_RESET" });
  });

  it("has the code that undici's errors mean", () => {
    const codeOf = (code: string, message = "x") => undiciError("p", Object.assign(new Error(message), { code })).code;
    expect(codeOf("UND_ERR_CONNECT_TIMEOUT")).toBe("TIMEOUT");
    expect(codeOf("UND_ERR_RES_CONTENT_LENGTH_MISMATCH")).toBe("CONNECTION_LOST");
    expect(codeOf("ENETUNREACH")).toBe("NETWORK_DOWN");
    expect(codeOf("UND_ERR_STRANGE")).toBe("CONNECTION_LOST");
    expect(codeOf("UND_ERR_ABORTED", "Proxy response (503) !== 200 when HTTP Tunneling")).toBe("PEER_BUSY");
  });
});

describe("a peer that is closed", () => {
  it("ends its requests in the same frame with one error, and later ones too", async () => {
    const server = await serve((_request, response) => part(response, { first: 0, last: 999, total: 1000 }).write("x"));
    const peer = peerAt(server.url);
    const errors: unknown[] = [];
    const came = new Subject<Uint8Array>();
    for (const stream of [peer.request(range), peer.request(range)]) {
      stream.subscribe({ next: (bytes) => came.next(bytes), error: (error: unknown) => errors.push(error) });
    }
    await new Promise((resolve) => came.subscribe(resolve));
    peer.close();
    expect(errors).toEqual([expect.objectContaining({ code: "CONNECTION_LOST" }), errors[0]]);
    for (const stream of [peer.request(range), peer.whole(), peer.probe()])
      expect(await errorOf(stream)).toBe(errors[0]);
    peer.close();
    peer.renew();
    await gone(server.sockets);
  });
});

describe("hold", () => {
  it("stops reading until it is lifted, so that the mirror is slowed down", async () => {
    const large = Buffer.alloc(30_000_000, 7);
    const hold = new BehaviorSubject(true);
    const server = await serve(answerWith(large));
    let came = 0;
    const bytes = new Promise<void>((resolve, reject) => {
      peerAt(server.url, { hold })
        .request(rangeOf(0, large.length))
        .subscribe({ next: (piece) => (came += piece.length), complete: resolve, error: reject });
    });
    while ((server.sockets[0]?.writableLength ?? 0) === 0) await turn();
    for (let time = 0; time < 50; time += 1) await turn();
    expect(came).toBe(0);
    hold.next(false);
    await bytes;
    expect(came).toBe(large.length);
    expect(hold.observed).toBe(false);
  });

  it("that errors ends the request", async () => {
    const hold = new BehaviorSubject(true);
    const server = await serve((_request, response) => part(response, { first: 0, last: 999, total: 1000 }).write("x"));
    const ended = errorOf(peerAt(server.url, { hold }).request(range));
    while (!hold.observed) await turn();
    hold.error(new Error("no more"));
    expect(await ended).toMatchObject({ code: "UNKNOWN", message: "no more" });
    await gone(server.sockets);
  });
});
