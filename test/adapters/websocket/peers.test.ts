import { BehaviorSubject, firstValueFrom, of, Subject, toArray } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { parsePeerLink } from "../../../src/protocol/PeerLink.js";
import type { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import { webSocketPeers } from "../../../src/adapters/websocket/webSocketPeers.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { atEnd, bytesOf, cleanUp, errorOf, serve, wholeChunk } from "./harness.js";

const file = await memoryFile(1000, 100);
const { manifest } = file;
const root = manifest.root;
const options = { dial: dialNode() };

afterEach(cleanUp);

describe("peers behind links", () => {
  it("Peers behind links stay while their link stays, and lose their connection when it vanishes", async () => {
    const servers = [serve([file.source]), serve([file.source])];
    const [a = "", b = ""] = await Promise.all(servers.map((server) => server.link(manifest)));
    const links = new BehaviorSubject([a]);
    const seen: (readonly WebSocketPeer[])[] = [];
    const subscription = webSocketPeers(links, options).subscribe((peers) => seen.push(peers));
    atEnd(() => subscription.unsubscribe());
    links.next([a, b, a]);
    expect(seen.map((peers) => peers.map(({ link }) => link.url))).toEqual([[a], [a, b]]);
    const [alice, bob] = seen[1] ?? [];
    expect(alice).toBe(seen[0]?.[0]);
    if (alice === undefined || bob === undefined) throw new Error("no peers");
    await Promise.all([alice, bob].map((peer) => bytesOf(peer.request(wholeChunk(manifest, 0)))));
    links.next([b]);
    await servers[0]?.seen("connection-closed");
    expect(servers[1]?.count("connection-closed")).toBe(0);
    expect(await errorOf(alice.request(wholeChunk(manifest, 0)))).toMatchObject({ code: "CONNECTION_LOST" });
    subscription.unsubscribe();
    await servers[1]?.seen("connection-closed");
  });

  it("Peers behind links end their requests in the same frame at unsubscribe", async () => {
    const held = await memoryFile(1000, 100);
    held.source.hold();
    const server = serve([held.source]);
    const seen: WebSocketPeer[] = [];
    const subscription = webSocketPeers(new BehaviorSubject([await server.link(manifest)]), options).subscribe(
      (peers) => seen.push(...peers),
    );
    let code = "";
    seen[0]
      ?.request(wholeChunk(manifest, 0))
      .subscribe({ error: (error: unknown) => (code = error instanceof DownloadError ? error.code : "?") });
    await server.seen("connection-opened");
    subscription.unsubscribe();
    expect(code).toBe("CONNECTION_LOST");
  });

  it("Peers behind links outlive a list that completed, until closeWhen emits", async () => {
    const server = serve([file.source]);
    const closeWhen = new Subject<void>();
    const lists = await firstValueFrom(
      webSocketPeers(of([await server.link(manifest)]), { ...options, closeWhen }).pipe(toArray()),
    );
    expect(lists).toHaveLength(1);
    const peer = lists[0]?.[0];
    if (peer === undefined) throw new Error("no peer");
    expect((await bytesOf(peer.request(wholeChunk(manifest, 0)))).length).toBe(100);
    closeWhen.next();
    await server.seen("connection-closed");
    expect(await errorOf(peer.request(wholeChunk(manifest, 0)))).toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("Peers behind links are told again when one has other chunks", async () => {
    const mine = new Set([0]);
    const partial = {
      manifest,
      read: (offset: number, length: number) => file.source.read(offset, length),
      has: (chunk: number) => mine.has(chunk),
    };
    const server = serve([partial]);
    const lists: (readonly WebSocketPeer[])[] = [];
    const subscription = webSocketPeers(new BehaviorSubject([await server.link(manifest)]), options).subscribe(
      (peers) => lists.push(peers),
    );
    atEnd(() => subscription.unsubscribe());
    await bytesOf(lists[0]?.[0]?.request(wholeChunk(manifest, 0)) ?? of());
    expect(lists).toHaveLength(2);
    expect(lists[1]).toEqual(lists[0]);
    expect(lists[1]?.[0]?.has(1)).toBe(false);
  });

  it("Errors of the links are passed on, and text that is no link is refused", () => {
    const links = new Subject<readonly string[]>();
    const errors: unknown[] = [];
    webSocketPeers(links, options).subscribe({ error: (error: unknown) => errors.push(error) });
    links.error("lost");
    webSocketPeers(of(["http://a/"]), options).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual(["lost", expect.any(TypeError)]);
  });
});

describe("a peer link", () => {
  it.each([
    [`ws://Host:9001/${root}`, "ws://host:9001", "host:9001"],
    [`ws://host/${root.toUpperCase()}`, "ws://host", "host:80"],
    [`wss://[::1]/${root}`, "wss://[::1]", "[::1]:443"],
    [`wss://cdn.example/seeds/eu/${root}`, "wss://cdn.example/seeds/eu", "cdn.example:443"],
  ])("%s names %s", (text, id, host) => {
    expect(parsePeerLink(text)).toEqual({ url: `${id}/${root}`, id, host, root });
  });

  it.each([
    ["nonsense", "expected ws://host:port/ROOT"],
    [`http://host/${root}`, "its scheme is http://, expected ws:// or wss://"],
    [`ws://me:pw@host/${root}`, "it holds a user name or password"],
    [`ws://host/${root}?x=1`, "it has a query or a fragment"],
    ["ws://host/abc", 'it ends in "abc", expected 64 hex digits'],
    ["ws://host", 'it ends in "", expected 64 hex digits'],
  ])("The text %s is no peer link, and the error says why", (text, reason) => {
    expect(() => parsePeerLink(text)).toThrow(TypeError);
    expect(() => parsePeerLink(text)).toThrow(reason);
  });
});
