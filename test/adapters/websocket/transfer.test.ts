import { BehaviorSubject, firstValueFrom, lastValueFrom, Subject, take } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../src/adapters/node/sha256.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { ByteSource } from "../../../src/seeder/ByteSource.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, errorOf, peerAt, scripted, serve, wholeChunk } from "./harness.js";

const mib = 1024 * 1024;
const file = await memoryFile(4 * mib + 1, mib);
const { manifest } = file;
const chunks = [0, 1, 2, 3, 4];

afterEach(cleanUp);

describe("a WebSocket peer", () => {
  it("A WebSocket peer is named by its host, reads ranges, and dials nothing before it is asked", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    expect(peer.id).toBe((await server.seen("listening")).url);
    expect(peer.ranges).toBe(true);
    peer.request(wholeChunk(manifest, 0));
    expect(server.count("connection-opened")).toBe(0);
  });

  it("A WebSocket peer gets all chunks at once over one connection", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    const parts = await Promise.all(chunks.map((chunk) => bytesOf(peer.request(wholeChunk(manifest, chunk)))));
    expect(Buffer.concat(parts).equals(file.bytes)).toBe(true);
    expect(server.count("connection-opened")).toBe(1);
    expect(server.count("chunk-served")).toBe(5);
  });

  it("A WebSocket peer is asked though it names features which nobody knows", async () => {
    const limits = { frameBytes: 65_536, requests: 16 };
    const server = await scripted(
      (message, client) => message.type === "get-chunk" && client.say({ ...message, type: "end" }),
      {
        hello: false,
        onConnection: (client) => client.say({ type: "hello", version: 1, limits, features: ["of-tomorrow"] }),
      },
    );
    const peer = peerAt(`${server.url}/${manifest.root}`);
    await errorOf(peer.request(wholeChunk(manifest, 0)));
    expect(server.heard.map(({ type }) => type)).toEqual(["hello", "get-chunk"]);
  });

  it("A WebSocket peer of a download that shares is told which chunks others are getting", async () => {
    const server = await scripted((message, client) => {
      if (message.type !== "get-chunk") return;
      client.say({ type: "asked", root: manifest.root, chunks: Uint8Array.of(0b10) });
      client.say({ type: "error", id: message.id, code: "PEER_BUSY", message: "later" });
    });
    const peer = peerAt(`${server.url}/${manifest.root}`, { shares: true });
    let changes = 0;
    peer.changes.subscribe(() => changes++);
    expect([0, 1].map((chunk) => peer.isAsked(chunk))).toEqual([false, false]);
    await errorOf(peer.request(wholeChunk(manifest, 0)));
    expect([0, 1].map((chunk) => peer.isAsked(chunk))).toEqual([false, true]);
    expect(changes).toBe(1);
    expect(server.heard[0]).toMatchObject({ type: "hello", features: ["asked"] });
  });

  it("A WebSocket peer of a download that shares nothing names no feature, and one that has gone is asked for nothing", async () => {
    const server = await scripted((message, client) => {
      if (message.type !== "get-chunk") return;
      client.say({ type: "asked", root: manifest.root, chunks: Uint8Array.of(0b10) });
      client.socket.close();
    });
    const peer = peerAt(`${server.url}/${manifest.root}`);
    await errorOf(peer.request(wholeChunk(manifest, 0)));
    expect(server.heard[0]).not.toHaveProperty("features");
    expect(peer.isAsked(1)).toBe(false);
  });

  it("A WebSocket peer gets the middle of a chunk", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    const bytes = await bytesOf(peer.request({ chunk: 2, offset: 1000, length: 300_000, position: 2 * mib + 1000 }));
    expect(bytes.equals(file.bytes.subarray(2 * mib + 1000, 2 * mib + 301_000))).toBe(true);
  });

  it("A WebSocket peer cancels at unsubscribe and serves the other requests on", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    const [first, whole] = await Promise.all([
      firstValueFrom(peer.request(wholeChunk(manifest, 0)).pipe(take(1))),
      bytesOf(peer.request(wholeChunk(manifest, 1))),
    ]);
    expect(first.length).toBe(4096);
    expect(whole.equals(file.bytes.subarray(mib, 2 * mib))).toBe(true);
    expect((await bytesOf(peer.request(wholeChunk(manifest, 0)))).equals(file.bytes.subarray(0, mib))).toBe(true);
    expect(server.count("connection-opened")).toBe(1);
  });

  it("A WebSocket peer asks nothing for a request that was given up while dialling", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    peer.request(wholeChunk(manifest, 0)).subscribe().unsubscribe();
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    expect(server.events.filter(({ type }) => type === "chunk-served")).toMatchObject([{ index: 4 }]);
  });

  it("A WebSocket peer errors all requests with one and the same error when the socket drops, and dials again for the next", async () => {
    let dropped = false;
    const server = await scripted((message, client) => {
      if (message.type !== "get-chunk") return;
      if (message.index === 3 && !dropped) {
        dropped = true;
        client.socket.terminate();
      } else if (dropped) {
        client.say({ type: "data", id: message.id, offset: 0, bytes: new Uint8Array(message.length) });
        client.say({ type: "end", id: message.id });
      }
    });
    const peer = peerAt(`${server.url}/${manifest.root}`);
    const range = (chunk: number) => ({ chunk, offset: 0, length: 10, position: 0 });
    const errors = await Promise.all([0, 1, 2, 3].map((chunk) => errorOf(peer.request(range(chunk)))));
    expect(errors[0]).toMatchObject({ code: "CONNECTION_LOST", peer: peer.id });
    expect(new Set(errors).size).toBe(1);
    expect((await bytesOf(peer.request(range(0)))).length).toBe(10);
    expect(server.connections()).toBe(2);
  });

  it("A WebSocket peer lets a request that is made in answer to the drop dial at once", async () => {
    let connections = 0;
    const server = await scripted((message, client) => {
      if (message.type !== "get-chunk") return;
      connections += 1;
      if (connections === 1) client.socket.terminate();
      else client.say({ type: "error", id: message.id, code: "PEER_BUSY", message: "second time", retryAfterMs: 5 });
    });
    const peer = peerAt(`${server.url}/${manifest.root}`);
    const second = new Promise<DownloadError>((resolve) => {
      peer
        .request(wholeChunk(manifest, 0))
        .subscribe({ error: () => resolve(errorOf(peer.request(wholeChunk(manifest, 0)))) });
    });
    expect(await second).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 5 });
  });

  it("A WebSocket peer survives a server that goes in mid-request and comes back", async () => {
    const { source } = await memoryFile(4 * mib + 1, mib);
    source.hold();
    const first = serve([source]);
    const { port } = await first.seen("listening");
    const peer = peerAt(await first.link(manifest));
    const lost = errorOf(peer.request(wholeChunk(manifest, 0)));
    await first.seen("connection-opened");
    first.stop();
    expect(await lost).toMatchObject({ code: "CONNECTION_LOST" });
    const second = serve([file.source], {}, { port });
    await second.seen("listening");
    expect((await bytesOf(peer.request(wholeChunk(manifest, 0)))).length).toBe(mib);
  });

  it("A WebSocket peer reports what a source is too busy for, with its wait", async () => {
    const busy: ByteSource = {
      manifest,
      read: () => {
        throw new DownloadError("PEER_BUSY", "at lunch", { retryAfterMs: 3000 });
      },
    };
    const server = serve([busy]);
    const error = await errorOf(peerAt(await server.link(manifest)).request(wholeChunk(manifest, 0)));
    expect(error).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 3000 });
    expect(error.message).toContain("at lunch");
  });

  it("A WebSocket peer knows what a partial seeder has, once it was told", async () => {
    const mine = new Set([1]);
    const changes = new Subject<void>();
    const partial: ByteSource = {
      manifest,
      read: (offset, length) => file.source.read(offset, length),
      has: (chunk) => mine.has(chunk),
      changes,
    };
    const server = serve([partial]);
    const peer = peerAt(await server.link(manifest));
    const known = () => chunks.map((chunk) => peer.has(chunk));
    expect(known()).toEqual([true, true, true, true, true]);
    await bytesOf(peer.request(wholeChunk(manifest, 1)));
    expect(known()).toEqual([false, true, false, false, false]);
    expect(await errorOf(peer.request(wholeChunk(manifest, 0)))).toMatchObject({ code: "CHUNK_NOT_AVAILABLE" });
    const told = firstValueFrom(peer.changes);
    mine.add(4);
    changes.next();
    await told;
    expect(known()).toEqual([false, true, false, false, true]);
  });

  it("A WebSocket peer hears from a whole seeder that it has everything, which is no change", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    let changes = 0;
    peer.changes.subscribe(() => (changes += 1));
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    expect(peer.has(2)).toBe(true);
    expect(changes).toBe(0);
  });

  it("A WebSocket peer that tells other chunks again and again is heard a few times a second, its last word included", async () => {
    const { root } = manifest;
    const server = await scripted((message, client) => {
      if (message.type !== "get-chunk") return;
      for (let n = 0; n < 1000; n += 1) client.say({ type: "have", root, chunks: Uint8Array.of(n % 32) });
      client.say({ type: "error", id: message.id, code: "CHUNK_NOT_AVAILABLE", message: "not here" });
    });
    const peer = peerAt(`${server.url}/${root}`);
    const heard: boolean[] = [];
    peer.changes.subscribe(() => heard.push(peer.has(3)));
    await errorOf(peer.request(wholeChunk(manifest, 0)));
    expect(chunks.map((chunk) => peer.has(chunk))).toEqual([true, true, true, false, false]);
    await expect.poll(() => heard.length).toBeGreaterThan(1);
    expect(heard.length).toBeLessThan(10);
    expect(heard.at(-1)).toBe(false);
  });

  it("A WebSocket peer closes a connection without requests after its idle time, and dials again", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest), { idleMs: 1 });
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    await server.seen("connection-closed");
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    expect(server.count("connection-opened")).toBe(2);
  });

  it("A WebSocket peer is closed for good", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    peer.close();
    expect(await errorOf(peer.request(wholeChunk(manifest, 4)))).toMatchObject({ code: "CONNECTION_LOST" });
    await server.seen("connection-closed");
  });
});

describe("a slow reader", () => {
  it("A slow reader costs the seeder a bounded read-ahead while it holds its socket, and nothing after", async () => {
    const big = await memoryFile(96 * mib, 8 * mib);
    const server = serve([big.source, file.source], { readAheadBytes: mib }, { highWaterBytes: 0 });
    const paused = new BehaviorSubject(false);
    const slow = peerAt(await server.link(big.manifest), { paused });
    await bytesOf(slow.request({ chunk: 0, offset: 0, length: 1, position: 0 }));
    paused.next(true);
    const all = Array.from({ length: 12 }, (_, chunk) => bytesOf(slow.request(wholeChunk(big.manifest, chunk))));
    // Others are served meanwhile, which takes longer than filling the socket does.
    const quick = peerAt(await server.link(manifest));
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(chunks.map((chunk) => bytesOf(quick.request(wholeChunk(manifest, chunk)))));
    }
    // Besides the read-ahead and one message under way, the socket buffers of the kernel: some 10 MiB, up to 40 on new ones.
    expect(big.source.bytesRead).toBeLessThan(64 * mib);
    paused.next(false);
    const parts = await Promise.all(all);
    expect(parts.every((part) => part.length === 8 * mib)).toBe(true);
    expect(big.source.bytesRead).toBe(96 * mib + 1);
  });

  it("A reader that starts paused gets its hello, but no data", async () => {
    const server = serve([file.source]);
    const paused = new BehaviorSubject(true);
    const peer = peerAt(await server.link(manifest), { paused });
    let received = 0;
    const done = lastValueFrom(peer.request(wholeChunk(manifest, 0))).then(() => (received += 1));
    await server.seen("chunk-served");
    expect(received).toBe(0);
    paused.next(false);
    await done;
    expect(received).toBe(1);
  });

  it("A reader gets an error when its back-pressure errors", async () => {
    const server = serve([file.source]);
    const paused = new Subject<boolean>();
    const peer = peerAt(await server.link(manifest), { paused });
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    const error = errorOf(peer.request(wholeChunk(manifest, 0)));
    paused.error(new Error("broken valve"));
    expect(await error).toMatchObject({ code: "UNKNOWN" });
  });
});

describe("a manifest over the wire", () => {
  it("A manifest over the wire comes in slices and is checked against the link's root", async () => {
    const small = await memoryFile(10_000, 1, "many.bin");
    const server = serve([small.source]);
    const fetched = await firstValueFrom(peerAt(await server.link(small.manifest)).manifest(sha256));
    expect({ ...fetched, digests: Buffer.from(fetched.digests) }).toEqual({
      ...small.manifest,
      digests: Buffer.from(small.manifest.digests),
    });
  });

  it("A manifest over the wire that breaks off goes on at its next slice, and begins anew after a fault", async () => {
    const small = await memoryFile(10_000, 1, "many.bin");
    const { size, chunkSize, name, digests, root } = small.manifest;
    const asked: number[] = [];
    const server = await scripted((message, client) => {
      if (message.type !== "get-manifest") return;
      const { id, from } = message;
      asked.push(from);
      if (asked.length === 2) client.socket.terminate();
      const part = digests.subarray(from * 32, (from + 4096) * 32);
      const wrong = asked.length === 3 ? part.subarray(1) : part;
      const sent = new Uint8Array(part.length);
      sent.set(wrong);
      client.say({ type: "manifest", id, root, size, chunkSize, name, from, total: 10_000, digests: sent });
    });
    const peer = peerAt(`${server.url}/${root}`);
    expect((await errorOf(peer.manifest(sha256))).code).toMatch(/^CONNECTION_/);
    expect((await errorOf(peer.manifest(sha256))).code).toBe("PROTOCOL_ERROR");
    expect((await firstValueFrom(peer.manifest(sha256))).root).toBe(root);
    expect(asked).toEqual([0, 4096, 4096, 8192, 0, 4096, 8192]);
  });

  it("A manifest over the wire may be that of an empty file", async () => {
    const empty = await memoryFile(0);
    const server = serve([empty.source]);
    const fetched = await firstValueFrom(peerAt(await server.link(empty.manifest)).manifest(sha256));
    expect(fetched).toMatchObject({ root: empty.manifest.root, size: 0 });
  });

  it("A manifest over the wire is FILE_NOT_FOUND where the root is unknown", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link({ root: "1".repeat(64) }));
    expect(await errorOf(peer.manifest(sha256))).toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  it("A manifest over the wire stops at unsubscribe", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    peer.manifest(sha256).subscribe().unsubscribe();
    await bytesOf(peer.request(wholeChunk(manifest, 4)));
    expect(server.count("connection-opened")).toBe(1);
  });
});
