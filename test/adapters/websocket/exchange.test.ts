import { BehaviorSubject, concat, NEVER, Observable, of, Subject } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import type { Dial } from "../../../src/adapters/websocket/Dial.js";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { webSocketPeers } from "../../../src/adapters/websocket/webSocketPeers.js";
import { decodeClientMessage, encodeMessage } from "../../../src/protocol/codec.js";
import type { ClientMessage, Hello, ServerMessage } from "../../../src/protocol/messages.js";
import type { Door, PeerExchange, Told } from "../../../src/protocol/PeerExchange.js";
import type { Scope } from "../../../src/protocol/Scope.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { atEnd, cleanUp, errorOf, peerAt, plainTcp, scripted, serve, wholeChunk } from "./harness.js";

const root = "ab".repeat(32);
const range = { chunk: 0, offset: 0, length: 1, position: 0 };
const hello: Hello = { type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 } };
const places = ["ws://192.0.2.7:7001"];

afterEach(cleanUp);

/** Peer exchange as a download takes part in it, and what it heard. */
function taking(door: Observable<Door | undefined> = of(undefined)) {
  const told: Told[] = [];
  const gone: string[] = [];
  const exchange: PeerExchange = {
    door,
    hear: (word) => void told.push(word),
    unanswered: (place) => void gone.push(place),
  };
  return { exchange, told, gone };
}

/** A server of that scope, without a socket. */
function serverOf(scope: Scope, greeting: ServerMessage = { ...hello, features: ["peers"] }, local?: string) {
  const frames = new Subject<Uint8Array>();
  const heard: ClientMessage[] = [];
  const dial: Dial = () =>
    new Observable((subscriber) => {
      subscriber.next({
        frames,
        remote: { address: "198.51.100.1", scope },
        local,
        unfinishedBytes: 0,
        send: (frame) => void heard.push(decodeClientMessage(frame)),
        pause: () => undefined,
        resume: () => undefined,
        close: () => undefined,
      });
      frames.next(encodeMessage(greeting));
    });
  return { dial, heard, say: (message: ServerMessage) => frames.next(encodeMessage(message)) };
}

/** The end of a request to that server, to come. */
function asking({ dial }: Pick<ReturnType<typeof serverOf>, "dial">, exchange?: PeerExchange) {
  return errorOf(peerAt(`ws://server:1/${root}`, { dial, exchange }).request(range));
}

describe("a door", () => {
  const door: Door = { port: 7001, tls: false, scope: "public" };

  it("A peer hears of the door at which its file is served here, before it is asked, whenever that changes", async () => {
    const server = await scripted(() => undefined, {
      hello: false,
      onConnection: (client) => client.say({ ...hello, features: ["peers"] }),
    });
    const doors = new BehaviorSubject<Door | undefined>(door);
    const peer = peerAt(`${server.url}/${root}`, { exchange: taking(doors).exchange });
    const running = peer.request(range).subscribe({ error: () => undefined });
    atEnd(() => running.unsubscribe());
    await expect.poll(() => server.heard.length).toBe(3);
    doors.next({ ...door, port: 7002, tls: true });
    doors.next(undefined);
    doors.next(undefined);
    await expect.poll(() => server.heard.length).toBe(5);
    expect(server.heard).toMatchObject([
      { type: "hello", features: ["peers"] },
      { type: "serving", root, port: 7001 },
      { type: "get-chunk" },
      { type: "serving", root, port: 7002, tls: true },
      { type: "serving", root, port: 0 },
    ]);
  });

  it("A peer that did not name peer exchange hears of no door, and a download that takes no part names nothing", () => {
    const older = serverOf("machine", hello);
    void asking(older, taking(of(door)).exchange);
    expect(older.heard.map(({ type }) => type)).toEqual(["hello", "get-chunk"]);
    const newer = serverOf("machine");
    void asking(newer);
    expect(newer.heard.at(0)).not.toHaveProperty("features");
    expect(newer.heard).toHaveLength(2);
  });

  it.each<[Scope, Scope, boolean]>([
    ["machine", "machine", true],
    ["machine", "network", false],
    ["machine", "public", false],
    ["public", "public", true],
  ])("A door that the %s can reach is told to a peer of the %s: %s", (scope, peers, isTold) => {
    const server = serverOf(peers);
    void asking(server, taking(of({ ...door, scope })).exchange);
    expect(server.heard.some(({ type }) => type === "serving")).toBe(isTold);
  });

  it.each([
    ["192.0.2.1", true],
    ["192.0.2.2", false],
    [undefined, true],
  ])("A door at 192.0.2.1 alone is told over a connection from %s: %s", (local, isTold) => {
    const server = serverOf("public", undefined, local);
    void asking(server, taking(of({ ...door, address: "192.0.2.1" })).exchange);
    expect(server.heard.some(({ type }) => type === "serving")).toBe(isTold);
  });
});

describe("the word of a peer on others", () => {
  it("A peer's word on others is heard with its own address", () => {
    const server = serverOf("public");
    const { exchange, told } = taking();
    void asking(server, exchange);
    server.say({ type: "peers", root, places });
    const remote = { address: "198.51.100.1", scope: "public" };
    expect(told).toEqual([{ teller: "ws://server:1", remote, places }]);
  });

  it("A peer that tells of another file, or tells whoever did not ask, is one of PROTOCOL_ERROR", async () => {
    const server = serverOf("public");
    const { exchange, told } = taking();
    const other = asking(server, exchange);
    server.say({ type: "peers", root: "cd".repeat(32), places });
    expect(await other).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(told).toEqual([]);
    const unasked = serverOf("public");
    const end = asking(unasked);
    unasked.say({ type: "peers", root, places });
    expect(await end).toMatchObject({ code: "PROTOCOL_ERROR" });
  });
});

describe("peers that others told of", () => {
  it("A peer that others told of is there once it has said hello, and one that says none is given up", async () => {
    const file = await memoryFile(10, 10);
    const link = await serve([file.source]).link(file.manifest);
    const closed = await plainTcp((socket) => socket.destroy());
    const silent = await plainTcp(() => undefined);
    const { exchange, gone } = taking();
    const links = [closed, silent].map((url) => `${url}/${file.manifest.root}`);
    const lists: (readonly string[])[] = [];
    const options = { dial: dialNode(), exchange, dialTimeoutMs: 300, sourceOf: () => "exchange" as const };
    const running = webSocketPeers(new BehaviorSubject([...links, link]), options).subscribe((peers) =>
      lists.push(peers.map(({ id }) => id)),
    );
    atEnd(() => running.unsubscribe());
    expect(lists).toEqual([[]]);
    await expect.poll(() => gone.length).toBe(2);
    expect(gone.toSorted()).toEqual([closed, silent].toSorted());
    expect(lists.at(-1)).toEqual([link.slice(0, link.lastIndexOf("/"))]);
  });

  it("A peer of an earlier run is there once it has said hello where peer exchange goes on asking, and at once where nobody does", async () => {
    const silent = `${await plainTcp(() => undefined)}/${root}`;
    const { exchange, gone } = taking();
    const joinedBy = (exchanging: Partial<{ exchange: PeerExchange }>) => {
      const lists: number[] = [];
      const options = { dial: dialNode(), dialTimeoutMs: 300, sourceOf: () => "record" as const, ...exchanging };
      const running = webSocketPeers(new BehaviorSubject([silent]), options).subscribe((peers) =>
        lists.push(peers.length),
      );
      atEnd(() => running.unsubscribe());
      return lists;
    };
    const [asked, unasked] = [joinedBy({ exchange }), joinedBy({})];
    await expect.poll(() => gone.length).toBe(1);
    expect([asked, unasked]).toEqual([[0], [1]]);
  });

  it("Peers that others told of are dialled 16 at a time, and none of them after the end", () => {
    let open = 0;
    const dial: Dial = () =>
      new Observable(() => {
        open += 1;
        return () => (open -= 1);
      });
    const links = Array.from({ length: 50 }, (_, n) => `ws://192.0.2.${n}:1/${root}`);
    const options = { dial, exchange: taking(NEVER).exchange, sourceOf: () => "exchange" as const };
    const running = webSocketPeers(new BehaviorSubject(links), options).subscribe();
    expect(open).toBe(16);
    running.unsubscribe();
    expect(open).toBe(0);
  });

  it("Peers that others told of, and that do not answer, keep none that came by another way waiting", () => {
    const { dial: answering } = serverOf("public");
    const dial: Dial = (target) => (target.url.includes("192.0.2") ? NEVER : answering(target));
    const told = Array.from({ length: 50 }, (_, n) => `ws://192.0.2.${n}:1/${root}`);
    const sourceOf = (id: string) => (id.includes("192.0.2") ? ("exchange" as const) : ("link" as const));
    const options = { dial, exchange: taking(NEVER).exchange, isOwn: () => false, sourceOf };
    const lists: (readonly string[])[] = [];
    const running = webSocketPeers(new BehaviorSubject([...told, `ws://server:1/${root}`]), options).subscribe(
      (peers) => lists.push(peers.map(({ id }) => id)),
    );
    atEnd(() => running.unsubscribe());
    expect(lists.at(-1)).toEqual(["ws://server:1"]);
  });

  it("A peer that the user named is there at once", () => {
    const lists: number[] = [];
    const options = { dial: (): Observable<never> => NEVER, exchange: taking().exchange };
    const running = webSocketPeers(of([`ws://192.0.2.1:1/${root}`]), options).subscribe((peers) =>
      lists.push(peers.length),
    );
    atEnd(() => running.unsubscribe());
    expect(lists).toEqual([1]);
  });
});

it("A seeder tells a peer of the one that serves, over real sockets", async () => {
  const file = await memoryFile(10, 10);
  const link = await serve([file.source]).link(file.manifest);
  const { exchange } = taking(of({ port: 7001, tls: false, scope: "machine" }));
  const { exchange: other, told } = taking();
  for (const taken of [exchange, other]) {
    const peer = peerAt(link, { exchange: taken });
    await new Promise<void>((resolve) => {
      peer.request(wholeChunk(file.manifest, 0)).subscribe({ complete: resolve });
    });
  }
  await expect.poll(() => told.length).toBe(1);
  expect(told).toMatchObject([{ remote: { address: "127.0.0.1" }, places: ["ws://127.0.0.1:7001"] }]);
});

it("A peer that is asked in the moment of its hello is asked once", async () => {
  const { url, heard } = await scripted(({ type }, client) => {
    if (type === "get-chunk") client.socket.close();
  });
  const peer = peerAt(`${url}/${root}`);
  await errorOf(concat(peer.greet(), peer.request(range)));
  expect(heard.map(({ type }) => type)).toEqual(["hello", "get-chunk"]);
});
