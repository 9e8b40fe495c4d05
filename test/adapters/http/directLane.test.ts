import { createServer, request as requestHttp } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { BehaviorSubject, Subject } from "rxjs";
import type { DownloadError } from "../../../src/errors/DownloadError.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { answerWith, atEnd, bytesOf, cleanUp, errorOf, fileOf, gone, tls } from "./harness.js";
import { part, peerAt, plainTcp, rangeOf, serve } from "./harness.js";
import { partOf, reading } from "./reading.js";

const file = fileOf(1_000_000);
const turns = async (times: number) => {
  for (let time = 0; time < times; time += 1) await new Promise((resolve) => setImmediate(resolve));
};
const isRight = (bytes: Uint8Array, position: number) =>
  Buffer.from(bytes).equals(file.subarray(position, position + bytes.length));
/** Requests of the direct lane write the names of headers as they are; Node's own begin with a capital. */
const isDirect = ({ rawHeaders }: { readonly rawHeaders: readonly string[] }) => rawHeaders.includes("connection");

afterEach(async () => {
  vi.unstubAllEnvs();
  await cleanUp();
});

/** A peer whose mirror has shown itself to be ordinary by its first ten bytes. */
async function ordinaryPeer(url: string, options: Parameters<typeof peerAt>[1] = {}): Promise<HttpPeer> {
  const peer = peerAt(url, options);
  expect(isRight(await partOf(peer, 0, 10), 0)).toBe(true);
  return peer;
}

/** A server whose first answer is a good one, and the later ones are what the test writes. */
async function writing(write: (socket: Socket, first: number, last: number) => void, head = "") {
  let isFirst = true;
  return plainTcp((socket) =>
    socket.on("data", (bytes) => {
      const [, from, to] = /^range: bytes=(\d+)-(\d+)\r$/im.exec(bytes.toString("latin1")) ?? [];
      const [first, last] = [Number(from), Number(to)];
      if (!isFirst) write(socket, first, last);
      else socket.write(Buffer.concat([Buffer.from(headOf(first, last, head)), file.subarray(first, last + 1)]));
      isFirst = false;
    }),
  );
}

const headOf = (first: number, last: number, more = "") =>
  `HTTP/1.1 206 OK\r\nContent-Range: bytes ${first}-${last}/${file.length}\r\nContent-Length: ${last - first + 1}\r\n${more}\r\n`;

describe("the direct lane", () => {
  it("The direct lane takes one connection for one part after the other, of any number of packets", async () => {
    const server = await serve(answerWith(file));
    const peer = await ordinaryPeer(server.url);
    for (let at = 0; at < 5; at += 1) expect(isRight(await partOf(peer, at, 700_000), at)).toBe(true);
    expect(server.requests.map(isDirect)).toEqual([false, true, true, true, true, true]);
    expect(new Set(server.requests.slice(1).map(({ socket }) => socket.remotePort)).size).toBe(1);
    expect(peer.answersRead).toBe(6);
  });

  it.each([
    ["in one packet with its body", [Infinity]],
    ["in pieces, the last of which brings some of the body", [1, 9, 20, 40, 60, Infinity]],
  ])("The direct lane reads a head %s", async (_name, cuts) => {
    const { url } = await writing((socket, first, last) => {
      const bytes = Buffer.concat([Buffer.from(headOf(first, last)), file.subarray(first, last + 1)]);
      void (async () => {
        let from = 0;
        for (const cut of cuts) {
          await new Promise((resolve) => socket.write(bytes.subarray(from, cut), resolve));
          await turns(3);
          from = cut;
        }
      })();
    });
    const peer = await ordinaryPeer(url);
    for (let time = 0; time < 2; time += 1) expect(isRight(await partOf(peer, 5, 3000), 5)).toBe(true);
  });

  it("The direct lane passes interim answers over, in one packet with the next and by themselves", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let requests = 0;
    const { url, sockets } = await writing((socket, first, last) => {
      requests += 1;
      socket.write(`${early}${early}`, () => {
        socket.write(Buffer.concat([Buffer.from(early + headOf(first, last)), file.subarray(first, last + 1)]));
      });
    });
    const peer = await ordinaryPeer(url);
    for (let time = 0; time < 3; time += 1) expect(isRight(await partOf(peer, 7, 500), 7)).toBe(true);
    expect([requests, sockets.length]).toEqual([3, 2]);
  });

  it("The direct lane passes thousands of interim answers over that come at once", async () => {
    const early = "HTTP/1.1 100 \r\n\r\n".repeat(3800);
    const { url } = await writing((socket, first, last) => {
      socket.write(early, () => {
        socket.write(Buffer.concat([Buffer.from(headOf(first, last)), file.subarray(first, last + 1)]));
      });
    });
    expect(isRight(await partOf(await ordinaryPeer(url), 7, 500), 7)).toBe(true);
  });

  it.each([
    [
      "with a head that is too long",
      (first: number, last: number) => headOf(first, last, `x: ${"y".repeat(70_000)}\r\n`),
    ],
    [
      "with a space before a colon",
      (first: number, last: number) => headOf(first, last, "Transfer-Encoding : chunked\r\n"),
    ],
    [
      "with a line that goes on",
      (first: number, last: number) => headOf(first, last, "Transfer-Encoding:\r\n chunked\r\n"),
    ],
    [
      "with two lengths that are equal",
      (first: number, last: number) => headOf(first, last, `Content-Length: ${last - first + 1}\r\n`),
    ],
    ["with two lengths that are not", (first: number, last: number) => headOf(first, last, "Content-Length: 5\r\n")],
    ["of HTTP/1.0", (first: number, last: number) => headOf(first, last).replace("HTTP/1.1", "HTTP/1.0")],
  ])("The direct lane leaves an answer %s to the ordinary way, whose outcome counts", async (_name, head) => {
    const { url } = await writing((socket, first, last) => {
      socket.write(Buffer.concat([Buffer.from(head(first, last)), file.subarray(first, last + 1)]));
    });
    const outcome = (got: Promise<Buffer>) =>
      got.then(
        (bytes) => isRight(bytes, 3),
        (error: unknown) => {
          const { code, cause } = error as DownloadError;
          // A mirror that has a past is asked again before this counts.
          return code === "PEER_UNAVAILABLE" ? (cause as DownloadError).code : code;
        },
      );
    const direct = await outcome(partOf(await ordinaryPeer(url), 3, 500));
    const ordinary = await outcome(bytesOf(peerAt(url).request(rangeOf(3, 500))));
    expect(direct).toBe(ordinary);
    expect(direct).not.toBe(false);
  });

  it("The direct lane reads headers as Node does", async () => {
    const server = await serve(answerWith(file, { etag: '"\xe9\xe0"' }));
    const peer = await ordinaryPeer(server.url);
    peer.expect({ etag: '"\xe9\xe0"' });
    expect(isRight(await partOf(peer, 0, 1000), 0)).toBe(true);
    expect(server.requests.map(isDirect)).toEqual([false, true]);
  });

  it("The direct lane reads no further than the head tells, and takes no other part from what follows", async () => {
    const { url } = await writing((socket, first, last) => {
      socket.write(
        Buffer.concat([Buffer.from(headOf(first, last)), file.subarray(first, last + 1), Buffer.from("and more")]),
      );
    });
    const peer = await ordinaryPeer(url);
    for (let time = 0; time < 3; time += 1) expect(isRight(await partOf(peer, time, 300), time)).toBe(true);
  });

  it("The direct lane uses no connection again on which more came than was told", async () => {
    let requests = 0;
    const { url, sockets } = await writing((socket, first, last) => {
      requests += 1;
      const wrong = Buffer.from(headOf(first, last));
      const bytes = file.subarray(first, last + 1);
      socket.write(Buffer.concat([Buffer.from(headOf(first, last)), bytes, wrong, Buffer.alloc(bytes.length)]));
    });
    const peer = await ordinaryPeer(url);
    for (let time = 0; time < 3; time += 1) expect(isRight(await partOf(peer, time, 300), time)).toBe(true);
    expect([requests, sockets.length]).toEqual([3, 4]);
  });

  it("The direct lane drops the connection where the server wants to close it", async () => {
    const server = await serve((request, response) =>
      answerWith(file, server.requests.length > 1 ? { connection: "close" } : {})(request, response),
    );
    const peer = await ordinaryPeer(server.url);
    for (let time = 0; time < 3; time += 1) expect(isRight(await partOf(peer, time, 300), time)).toBe(true);
    expect(server.sockets).toHaveLength(4);
  });

  it.each<[string, (socket: Socket) => unknown]>([
    ["ended", (socket) => socket.end()],
    ["reset", (socket) => socket.resetAndDestroy()],
  ])(
    "The direct lane dials anew where the server has %s a connection that rested as the next request comes",
    async (_name, act) => {
      const server = await serve((request, response) => {
        if (server.requests.length === 3) act(request.socket);
        else answerWith(file)(request, response);
      });
      const peer = await ordinaryPeer(server.url);
      for (let time = 0; time < 2; time += 1) expect(isRight(await partOf(peer, time, 300), time)).toBe(true);
      expect(server.requests.map(isDirect)).toEqual([false, true, true, true]);
      expect(server.sockets).toHaveLength(3);
    },
  );

  it("The direct lane tells of a hang-up behind a head as the ordinary way does, also beside another request", async () => {
    const server = await serve((request, response) => {
      const { range } = request.headers;
      if (range === "bytes=0-9") {
        answerWith(file)(request, response);
        return;
      }
      if (range === "bytes=0-99") {
        part(response, { first: 0, last: 99, total: file.length }).write(file.subarray(0, 50));
        return;
      }
      part(response, { first: 0, last: 199, total: file.length }).flushHeaders();
      setImmediate(() => request.socket.end());
    });
    const peer = await ordinaryPeer(server.url);
    const standing = await new Promise<{ giveUp: () => void }>((resolve) => {
      const running = reading(peer, 0, 100, () => queueMicrotask(() => resolve(running)));
    });
    expect(await reading(peer, 0, 200).ended).toMatchObject({ code: "CONNECTION_LOST" });
    expect(await errorOf(peer.request(rangeOf(0, 200)))).toMatchObject({ code: "CONNECTION_LOST" });
    standing.giveUp();
  });
});

describe("a request on the direct lane that is given up", () => {
  it("A request on the direct lane that is given up closes its connection, and nothing more comes into its memory", async () => {
    const server = await serve(answerWith(file));
    const peer = await ordinaryPeer(server.url);
    const left = await new Promise<ReturnType<typeof reading>>((resolve) => {
      const running = reading(peer, 0, 900_000, (came, giveUp) => {
        if (came < 100_000) return;
        giveUp();
        queueMicrotask(() => resolve(running));
      });
    });
    const then = Buffer.from(left.bytes);
    await gone(server.sockets);
    expect(isRight(await partOf(peer, 1, 900_000), 1)).toBe(true);
    expect(left.bytes.equals(then)).toBe(true);
    expect(left.late()).toBe(0);
  });

  it("A request on the direct lane that is given up with its last byte leaves the connection for others, and hears of no end", async () => {
    const server = await serve(answerWith(file));
    const peer = await ordinaryPeer(server.url);
    for (let time = 0; time < 3; time += 1) {
      await new Promise<void>((resolve) => {
        reading(peer, time, 100_000, (came, giveUp) => {
          if (came < 100_000) return;
          giveUp();
          setImmediate(resolve);
        });
      });
    }
    const last = reading(peer, 0, 500);
    expect([await last.ended, isRight(last.bytes, 0), last.late()]).toEqual([undefined, true, 0]);
    expect(server.sockets).toHaveLength(2);
  });

  it("A request on the direct lane that is given up is dialled no more", async () => {
    const server = await serve(answerWith(file));
    const peer = await ordinaryPeer(server.url);
    reading(peer, 0, 500).giveUp();
    await turns(50);
    expect(server.requests).toHaveLength(1);
  });
});

describe.each([
  ["plain", {}],
  ["TLS", { tls }],
])("A pause on the direct lane, %s,", (_name, secure) => {
  const pausable = async () => {
    const server = await serve(answerWith(file), secure);
    const paused = new BehaviorSubject(false);
    const peer = await ordinaryPeer(server.url, { connect: connectNode({ ca: tls.cert }), paused });
    return { server, paused, peer };
  };

  it("A hold on the direct lane stops what rested, and what is dialled, until it is lifted", async () => {
    const { server, paused, peer } = await pausable();
    expect(isRight(await partOf(peer, 0, 1000), 0)).toBe(true);
    paused.next(true);
    const all = [0, 1, 2].map((at) => reading(peer, at, 500_000));
    while (server.requests.length < 5) await turns(1);
    await turns(200);
    expect(all.map(({ came }) => came())).toEqual([0, 0, 0]);
    paused.next(false);
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([undefined, undefined, undefined]);
    expect(all.map(({ bytes }, at) => isRight(bytes, at))).toEqual([true, true, true]);
  });

  it("A hold on the direct lane does not stop a dial, whenever it comes", async () => {
    const { server, paused, peer } = await pausable();
    for (let waited = 0; waited < 6; waited += 1) {
      peer.renew();
      const running = reading(peer, 1, 400_000);
      await turns(waited);
      paused.next(true);
      while (server.requests.length < waited + 2) await turns(1);
      await turns(20);
      paused.next(false);
      expect([await running.ended, isRight(running.bytes, 1)]).toEqual([undefined, true]);
    }
  });

  it("A hold on the direct lane that errors ends the request", async () => {
    const { server, paused, peer } = await pausable();
    paused.next(true);
    const running = reading(peer, 0, 900_000);
    while (server.requests.length < 2) await turns(1);
    paused.error(new Error("no more"));
    expect(await running.ended).toMatchObject({ code: "UNKNOWN", message: "no more" });
    await gone(server.sockets);
  });
});

describe("connections at rest", () => {
  it.each([1, 2])("Connections at rest are never more than a server takes that takes %i", async (most) => {
    const server = await serve(answerWith(file));
    server.server.maxConnections = most;
    server.server.keepAliveTimeout = 65_000;
    const dropped = vi.fn();
    server.server.on("drop", dropped);
    const peer = peerAt(server.url);
    for (let time = 0; time < 4; time += 1) {
      const parts = await Promise.all(Array.from({ length: most }, (_, at) => partOf(peer, at, 70_000)));
      expect(parts.map(isRight)).not.toContain(false);
      expect(isRight(await bytesOf(peer.request(rangeOf(3, 1000))), 3)).toBe(true);
    }
    expect(server.requests.map(isDirect)).toContain(true);
    expect(dropped).not.toHaveBeenCalled();
  });

  it("Connections at rest of both ways go when the peer is renewed, and when it is closed", async () => {
    const server = await serve(answerWith(file));
    server.server.keepAliveTimeout = 65_000;
    const peer = await ordinaryPeer(server.url);
    await partOf(peer, 0, 100);
    peer.renew();
    await gone(server.sockets);
    await partOf(peer, 0, 100);
    peer.close();
    await gone(server.sockets);
    expect(await reading(peer, 0, 100).ended).toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("Connections at rest that a server does not let go of end with the peer", async () => {
    const { url, sockets } = await plainTcp((socket) => {
      socket.allowHalfOpen = true;
      socket.once("data", () => socket.write(Buffer.concat([Buffer.from(headOf(0, 9)), file.subarray(0, 10)])));
    });
    const peer = await ordinaryPeer(url);
    vi.useFakeTimers({ toFake: ["setTimeout"] }); // nothing ends by time
    try {
      const waiting = reading(peer, 0, 10);
      await new Promise((resolve) => sockets[0]?.once("end", resolve));
      peer.close();
      expect(await waiting.ended).toMatchObject({ code: "CONNECTION_LOST" });
      // A connection that still stood would take whatever is written.
      for (const [socket] = sockets; socket?.closed === false;) {
        socket.write("x");
        await turns(1);
      }
      expect(sockets).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("Connections at rest are closed before the server says it will", async () => {
    const server = await serve(answerWith(file, { "keep-alive": "timeout=2" }));
    server.server.keepAliveTimeout = 65_000;
    const peer = await ordinaryPeer(server.url);
    await partOf(peer, 0, 100);
    await gone(server.sockets);
    expect(server.sockets).toHaveLength(2);
  });
});

describe("a peer that is closed", () => {
  it("A peer that is closed ends what is read on the direct lane with the error that ends the rest, and drops its connections", async () => {
    const begun = new Subject<void>();
    const server = await serve((request, response) => {
      const [, last] = /-(\d+)$/.exec(request.headers.range ?? "") ?? [];
      if (last === "9") answerWith(file)(request, response);
      else if (last === "99") part(response, { first: 0, last: 99, total: file.length }).write(file.subarray(0, 50));
    });
    const peer = await ordinaryPeer(server.url);
    const came = new Promise<void>((resolve) => begun.subscribe(resolve));
    const all = [reading(peer, 0, 100, () => begun.next()), reading(peer, 0, 200)];
    await came;
    peer.close();
    const [one, other] = await Promise.all(all.map(({ ended }) => ended));
    expect(one).toMatchObject({ code: "CONNECTION_LOST" });
    expect(other).toBe(one);
    await gone(server.sockets);
  });
});

describe("the address that is asked on the direct lane", () => {
  it("The address that is asked on the direct lane is the one that answered, behind a redirect, too, also when the connection is renewed", async () => {
    const target = await serve(answerWith(file), { host: "127.0.0.2" });
    const server = await serve((_request, response) => response.writeHead(302, { location: target.url }).end());
    const peer = await ordinaryPeer(server.url);
    for (let time = 0; time < 2; time += 1) await partOf(peer, time, 100);
    peer.renew();
    for (let time = 0; time < 2; time += 1) await partOf(peer, time, 100);
    expect(target.requests.map(isDirect)).toEqual([false, true, true, false, true]);
    expect(server.requests.map(isDirect)).toEqual([false, false]);
  });

  it("The address that is asked on the direct lane is never one that is behind a proxy", async () => {
    const target = await serve(answerWith(file), { host: "127.0.0.2" });
    const server = await serve((_request, response) => response.writeHead(302, { location: target.url }).end());
    let passed = 0;
    const proxy = createServer((request, response) => {
      passed += 1;
      requestHttp(request.url ?? "", { headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    atEnd(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    vi.stubEnv("http_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("no_proxy", "127.0.0.2");
    const peer = await ordinaryPeer(server.url);
    await partOf(peer, 0, 100);
    peer.renew();
    await partOf(peer, 0, 100);
    expect(server.requests).toHaveLength(2);
    expect(passed).toBe(2);
  });

  it("The address that is asked on the direct lane stays one when it refuses for a time", async () => {
    const server = await serve((request, response) => {
      if (server.requests.length === 2) response.writeHead(503, { "retry-after": "1" }).end("later");
      else answerWith(file)(request, response);
    });
    const peer = await ordinaryPeer(server.url);
    expect(await reading(peer, 0, 100).ended).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 1000 });
    expect(isRight(await partOf(peer, 0, 100), 0)).toBe(true);
    expect(server.requests.map(isDirect)).toEqual([false, true, true]);
  });

  it("The address that is asked on the direct lane is none any more where a part came in chunks", async () => {
    const server = await serve((request, response) => {
      if (server.requests.length !== 2) answerWith(file)(request, response);
      else response.writeHead(206, { "content-range": `bytes 0-99/${file.length}` }).end(file.subarray(0, 100));
    });
    const peer = await ordinaryPeer(server.url);
    for (let time = 0; time < 2; time += 1) expect(isRight(await partOf(peer, 0, 100), 0)).toBe(true);
    expect(server.requests.map(isDirect)).toEqual([false, true, false, false]);
  });
});
