import { gunzipSync } from "node:zlib";
import { Agent } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { contentOf, corrupted, syntheticContent } from "./content.js";
import type { Fault } from "./Exchange.js";
import { FaultServer } from "./FaultServer.js";
import { breaksOnceAt, cutsEach, long, short } from "./faults/bodies.js";
import { chunked, closesAfterEach, hangsUpAfterEach, missingContentLength, slowHeaders } from "./faults/framing.js";
import { rate, slowsTo, stalls } from "./faults/pace.js";
import {
  anotherRange,
  gzipped,
  ignoresRange,
  missingContentRange,
  multipart,
  shiftedContentRange,
  unknownTotal,
} from "./faults/ranges.js";
import { redirectLoop, redirects, redirectTo } from "./faults/redirects.js";
import { afterwards, first, onlyTo } from "./faults/repeats.js";
import { busy, busyUntil, htmlPage, status } from "./faults/statuses.js";
import { etagOfEach, weakEtag } from "./faults/validators.js";
import { request } from "./request.js";
import { serve } from "./serve.js";

const size = 300_000;
const file = syntheticContent(size);
const bytes = file.read(0, size);
const facts = { etag: '"one"', lastModified: "Sat, 01 Jan 2022 00:00:00 GMT" };

const servers: FaultServer[] = [];

async function lab(...faults: readonly Fault[]): Promise<FaultServer> {
  const server = await FaultServer.start(serve(file, facts, ...faults));
  servers.push(server);
  return server;
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

const ranged = (first: number, last: number | "" = "") => ({ headers: { range: `bytes=${first}-${last}` } });

describe("a server without faults", () => {
  it("The lab's server serves the file, and what is asked of it, and counts", async () => {
    const server = await lab();
    const whole = await request(server.origin);
    expect(whole).toMatchObject({ status: 200, broken: undefined, headers: { etag: '"one"' } });
    expect(whole.body.equals(bytes)).toBe(true);
    const part = await request(server.origin, ranged(70_000, 269_999));
    expect(part).toMatchObject({ status: 206, headers: { "content-range": `bytes 70000-269999/${size}` } });
    expect(part.body.equals(bytes.subarray(70_000, 270_000))).toBe(true);
    expect(server).toMatchObject({ served: size + 200_000, requests: 2, connections: 2 });
    expect(server.asked.map(({ range }) => range)).toEqual([undefined, "bytes=70000-269999"]);
  });

  it.each([
    ["bytes=299990-", 206, 10],
    ["bytes=-10", 206, 10],
    ["bytes=299990-400000", 206, 10],
    ["bytes=300000-", 416, 0],
    ["pages=1-2", 200, size],
  ])("The lab's server answers %s with %d", async (range, code, length) => {
    const answer = await request((await lab()).origin, { headers: { range } });
    expect([answer.status, answer.body.length]).toEqual([code, length]);
  });

  it("The lab's server minds If-Match and If-Range", async () => {
    const { origin } = await lab();
    const { headers } = ranged(0, 9);
    expect((await request(origin, { headers: { ...headers, "if-match": '"two"' } })).status).toBe(412);
    expect((await request(origin, { headers: { ...headers, "if-match": '"one"' } })).status).toBe(206);
    expect((await request(origin, { headers: { ...headers, "if-range": '"two"' } })).status).toBe(200);
    expect((await request(origin, { headers: { ...headers, "if-range": '"one"' } })).status).toBe(206);
  });

  it("The lab's server answers HEAD without a body, and keeps a connection", async () => {
    const server = await lab();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const head = await request(server.origin, { method: "HEAD", agent });
    expect([head.headers["content-length"], head.body.length]).toEqual([String(size), 0]);
    await request(server.origin, { agent });
    agent.destroy();
    expect(server).toMatchObject({ served: size, connections: 1, requests: 2 });
  });

  it("The lab's server serves five gibibytes without having them", async () => {
    const huge = syntheticContent(5 * 1024 ** 3);
    const server = await FaultServer.start(serve(huge));
    servers.push(server);
    const { body, headers } = await request(server.origin, ranged(5e9, 5e9 + 99_999));
    expect(headers["content-range"]).toBe(`bytes 5000000000-5000099999/${5 * 1024 ** 3}`);
    expect(body.equals(huge.read(5e9, 100_000))).toBe(true);
    expect(body.subarray(0, 50_000).equals(body.subarray(50_000))).toBe(false);
  });

  it("The lab's server serves a file of no bytes", async () => {
    const server = await FaultServer.start(serve(contentOf(Buffer.alloc(0))));
    servers.push(server);
    expect(await request(server.origin)).toMatchObject({ status: 200, headers: { "content-length": "0" } });
    expect(await request(server.origin, ranged(0))).toMatchObject({
      status: 416,
      headers: { "content-range": "bytes */0" },
    });
  });
});

/** What a client sees that asks for bytes 1000 to 100999. */
const range = ranged(1000, 100_999);
const asked = bytes.subarray(1000, 101_000);
it.each<[string, Fault, object, Buffer?]>([
  ["a status", status(404), { status: 404 }],
  ["busy", busy(503, 7), { status: 503, headers: { "retry-after": "7" } }],
  ["an HTML page", htmlPage(), { status: 200, headers: { "content-type": "text/html" } }],
  ["a redirect", redirectTo("http://127.0.0.9/"), { status: 302, headers: { location: "http://127.0.0.9/" } }],
  ["a redirect loop", redirectLoop(307), { status: 307, headers: { location: "/here" } }],
  ["redirects", redirects(2), { status: 302, headers: { location: "/hop/1" } }],
  ["ignored ranges", ignoresRange(), { status: 200, headers: { "content-length": String(size) } }, bytes],
  ["another range", anotherRange(5), { headers: { "content-range": `bytes 1005-101004/${size}` } }],
  ["a shifted range", shiftedContentRange(5), { headers: { "content-range": `bytes 1005-101004/${size}` } }, asked],
  ["no total", unknownTotal(), { headers: { "content-range": "bytes 1000-100999/*" } }, asked],
  ["no Content-Range", missingContentRange(), { status: 206, headers: { "content-length": "100000" } }, asked],
  ["a weak ETag", weakEtag("x"), { headers: { etag: 'W/"x"' } }, asked],
  ["no Content-Length", missingContentLength(), { headers: { connection: "close" } }, asked],
  ["chunks", chunked(), { headers: { "transfer-encoding": "chunked" } }, asked],
  ["a close after each", closesAfterEach(), { headers: { connection: "close" } }, asked],
  [
    "a cut",
    cutsEach(60_000),
    { broken: "aborted", headers: { "content-length": "100000" } },
    asked.subarray(0, 60_000),
  ],
  ["a reset", breaksOnceAt(70_000), { broken: "read ECONNRESET" }, asked.subarray(0, 69_000)],
  ["a short body", short(10), { broken: "aborted" }, asked.subarray(0, -10)],
  ["a rate", rate(2_000_000), { broken: undefined }, asked],
])("A server of the lab with %s is seen as such", async (_, fault, seen, body) => {
  const server = await lab(fault);
  const answer = await request(server.origin, range);
  expect(answer).toMatchObject(seen);
  if (body !== undefined) expect(answer.body.equals(body)).toBe(true);
  expect(server.served).toBe(answer.body.length);
});

describe("a fault", () => {
  it("The lab's server knows who asks again sooner than told", async () => {
    const server = await lab(first(1, busy(429, 1)));
    await request(server.origin);
    expect(server.hasty).toBe(0);
    await request(server.origin);
    expect(server.hasty).toBe(1);
  });

  it("A busy fault puts a date into Retry-After", async () => {
    const { origin } = await lab(busyUntil(429, 2));
    const { headers } = await request(origin);
    const seconds = (Date.parse(headers["retry-after"] ?? "") - Date.parse(headers.date ?? "")) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(2);
    expect(seconds).toBeLessThanOrEqual(3);
  });

  it("A fault can be for the first requests, and for one method", async () => {
    const { origin } = await lab(first(2, status(500)), onlyTo("HEAD", status(405)));
    const codes: number[] = [];
    for (const method of ["GET", "HEAD", "GET", "GET"]) codes.push((await request(origin, { method })).status);
    expect(codes).toEqual([500, 405, 500, 200]);
  });

  it("A fault can replace the file after the first requests, and give each answer another ETag", async () => {
    const replaced = await lab(afterwards(1, serve(syntheticContent(size, 2), { etag: '"two"' })));
    expect((await request(replaced.origin)).headers.etag).toBe('"one"');
    const second = await request(replaced.origin);
    expect(second.headers.etag).toBe('"two"');
    expect(second.body.equals(bytes)).toBe(false);
    const restless = await lab(etagOfEach());
    const tags = [await request(restless.origin), await request(restless.origin)].map(({ headers }) => headers.etag);
    expect(tags).toEqual(['"1"', '"2"']);
  });

  it("A fault can send bytes beyond the end that it has said", async () => {
    const server = await lab(long(10));
    // Whether the client sees them before the end is a matter of luck.
    await Promise.allSettled([request(server.origin, range)]);
    await server.until("all is sent", ({ served }) => served === 100_010);
  });

  it.each([
    ["close", undefined],
    ["reset", "ECONNRESET"],
  ] as const)("A fault breaks a connection as told: %s", async (how, code) => {
    const server = await lab(cutsEach(70_000, how));
    const socket = connect(Number(new URL(server.origin).port), "127.0.0.1");
    const [error] = await new Promise<[NodeJS.ErrnoException?]>((resolve) => {
      socket.on("end", () => resolve([])).on("error", (reason) => resolve([reason]));
      socket.resume().write("GET / HTTP/1.1\r\nHost: lab\r\n\r\n");
    });
    socket.destroy();
    expect(error?.code).toBe(code);
    expect(socket.bytesRead).toBeGreaterThan(70_000);
  });

  it("A fault that breaks once breaks once only", async () => {
    const { origin } = await lab(breaksOnceAt(70_000));
    expect((await request(origin)).broken).toBe("read ECONNRESET");
    expect((await request(origin)).broken).toBeUndefined();
  });

  it("A fault wraps a part, or compresses it", async () => {
    const wrapped = await request((await lab(multipart())).origin, range);
    expect(wrapped.headers["content-type"]).toContain("multipart/byteranges");
    expect(wrapped.body.includes(asked)).toBe(true);
    expect(wrapped.body.length).toBe(Number(wrapped.headers["content-length"]));
    const packed = await request((await lab(gzipped())).origin, range);
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(packed.body).equals(asked)).toBe(true);
  });

  it("A fault flips one byte in so many, the same ones for every range", () => {
    const wrong = corrupted(file, 100_000);
    const places = [...wrong.read(0, size).entries()].filter(([at, byte]) => byte !== bytes[at]).map(([at]) => at);
    expect(places).toEqual([0, 100_000, 200_000]);
    expect(wrong.read(150_000, 100_000)[50_000]).not.toBe(bytes[200_000]);
  });

  it("A fault stalls one connection after so many bytes, and serves the others", async () => {
    const server = await lab(stalls({ afterBytes: 100_000, connections: 1 }));
    const stop = new AbortController();
    const silent = request(server.origin, { signal: stop.signal });
    await server.until("it is silent", ({ served }) => served === 65_536);
    expect((await request(server.origin)).body.length).toBe(size);
    expect(server.open).toBeGreaterThan(0);
    stop.abort();
    expect((await silent).broken).toBeDefined();
    await server.until("nobody is there", ({ open }) => open === 0);
  });

  it("A fault slows one connection down after so many bytes", async () => {
    const server = await lab(slowsTo(1_000_000, { afterBytes: 100_000, connections: 1 }));
    const slow = request(server.origin);
    await server.until("it is slow", ({ served }) => served > 65_536);
    expect((await request(server.origin)).body.length).toBe(size);
    expect(server.served).toBeLessThan(2 * size);
    expect((await slow).body.equals(bytes)).toBe(true);
  });

  it("A fault closes without a word, or answers late", async () => {
    const server = await lab(hangsUpAfterEach(), slowHeaders(20));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await request(server.origin, { agent })).body.length).toBe(size);
    await server.until("it has hung up", ({ open }) => open === 0);
    agent.destroy();
  });
});
