import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, errorOf, peerAt, plainTcp, serve, wholeChunk } from "./harness.js";

const file = await memoryFile(1000, 500);
const { manifest } = file;
const [first, second] = [wholeChunk(manifest, 0), wholeChunk(manifest, 1)];

afterEach(cleanUp);

describe("a peer that is renewed", () => {
  it("A peer that is renewed closes a connection without requests, and dials for the next one", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    await bytesOf(peer.request(first));
    peer.renew();
    await server.seen("connection-closed");
    expect((await bytesOf(peer.request(second))).length).toBe(500);
    expect(server.count("connection-opened")).toBe(2);
  });

  it("A peer that is renewed leaves requests on the old connection alone, which closes when the last is cancelled", async () => {
    const held = await memoryFile(1000, 500);
    held.source.hold();
    const server = serve([held.source]);
    const peer = peerAt(await server.link(manifest));
    let ended = false;
    const hanging = peer.request(first).subscribe({ error: () => (ended = true) });
    await server.seen("connection-opened");
    peer.renew();
    peer.renew();
    const other = peer.request(second).subscribe({ error: () => (ended = true) });
    while (server.count("connection-opened") < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    expect(server.count("connection-closed")).toBe(0);
    hanging.unsubscribe();
    await server.seen("connection-closed");
    expect(server.count("connection-closed")).toBe(1);
    expect(ended).toBe(false);
    other.unsubscribe();
  });

  it("A peer that is renewed drops a connection that is still dialled, as soon as nobody waits for it", async () => {
    const sockets: Socket[] = [];
    const url = await plainTcp((socket) => sockets.push(socket.resume()));
    const peer = peerAt(`${url}/${manifest.root}`);
    const waiting = peer.request(first).subscribe({ error: () => undefined });
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    peer.renew();
    const gone = once(sockets[0] as Socket, "close");
    waiting.unsubscribe();
    await gone;
  });

  it("A renewal is nothing to a peer that has no connection, or was closed", async () => {
    const server = serve([file.source]);
    const peer = peerAt(await server.link(manifest));
    peer.renew();
    peer.close();
    peer.renew();
    expect(await errorOf(peer.request(first))).toMatchObject({ code: "CONNECTION_LOST" });
  });
});
