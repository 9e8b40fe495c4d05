import { once } from "node:events";
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { filter, firstValueFrom, ReplaySubject, toArray, type Observable, type Subscription } from "rxjs";
import { WebSocketServer, type WebSocket } from "ws";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import type { WebSocketPeerOptions } from "../../../src/adapters/websocket/PeerOptions.js";
import { serveWebSocket, type ServerEvent } from "../../../src/adapters/websocket/serveWebSocket.js";
import type { ServeWebSocketConfig } from "../../../src/adapters/websocket/ServeWebSocketConfig.js";
import { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { Manifest } from "../../../src/manifest/Manifest.js";
import type { ByteRange } from "../../../src/peers/Peer.js";
import { decodeClientMessage, encodeMessage } from "../../../src/protocol/codec.js";
import type { ClientMessage, ServerMessage } from "../../../src/protocol/messages.js";
import type { ByteSource } from "../../../src/seeder/ByteSource.js";
import { createSeeder } from "../../../src/seeder/createSeeder.js";
import type { SeederConfig } from "../../../src/seeder/SeederConfig.js";

type EventOf<T extends ServerEvent["type"]> = Extract<ServerEvent, { type: T }>;

/** A seeder on a real socket. */
export class TestServer {
  readonly events: ServerEvent[] = [];
  readonly #stream = new ReplaySubject<ServerEvent>(Infinity);
  readonly #subscription: Subscription;

  constructor(sources: readonly ByteSource[], seeder: SeederConfig = {}, server: ServeWebSocketConfig = {}) {
    const files = new Map(sources.map((source) => [source.manifest.root, source]));
    this.#stream.subscribe({ next: (event) => this.events.push(event), error: () => undefined });
    this.#subscription = serveWebSocket(createSeeder(files, seeder), server).subscribe(this.#stream);
  }

  /** The first event of a type that also fits, past or future. */
  seen<T extends ServerEvent["type"]>(type: T, fits: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
    const isWanted = (event: ServerEvent): event is EventOf<T> => event.type === type && fits(event as EventOf<T>);
    return firstValueFrom(this.#stream.pipe(filter(isWanted)));
  }

  count(type: ServerEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }

  async link({ root }: { readonly root: string }): Promise<string> {
    const { url } = await this.seen("listening");
    return `${url}/${root}`;
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}

const owned: (() => unknown)[] = [];

/** For `afterEach`: ends all that the test started. */
export async function cleanUp(): Promise<void> {
  for (const end of owned.splice(0).reverse()) await end();
}

export function atEnd(end: () => unknown): void {
  owned.push(end);
}

export function serve(
  sources: readonly ByteSource[],
  seeder?: SeederConfig,
  server?: ServeWebSocketConfig,
): TestServer {
  const started = new TestServer(sources, seeder, server);
  atEnd(() => started.stop());
  return started;
}

export function peerAt(link: string, options: Partial<WebSocketPeerOptions> = {}): WebSocketPeer {
  const peer = new WebSocketPeer(link, { dial: dialNode(), ...options });
  atEnd(() => peer.close());
  return peer;
}

export function wholeChunk(manifest: Manifest, chunk: number): ByteRange {
  const position = chunk * manifest.chunkSize;
  return { chunk, offset: 0, length: Math.min(manifest.chunkSize, manifest.size - position), position };
}

export async function bytesOf(pieces: Observable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await firstValueFrom(pieces.pipe(toArray())));
}

/** The error that a stream ends with. */
export async function errorOf(stream: Observable<unknown>): Promise<DownloadError> {
  return new Promise((resolve, reject) => {
    stream.subscribe({
      error: (error: unknown) => {
        if (error instanceof DownloadError) resolve(error);
        else reject(new Error("not a DownloadError", { cause: error }));
      },
      complete: () => reject(new Error("it completed")),
    });
  });
}

/** One client of a scripted server. */
export interface ScriptedSocket {
  readonly socket: WebSocket;
  say(message: ServerMessage): void;
}

/** A server that says what the test wants; `onMessage` gets what the client says. Says hello by itself unless `hello` is false. */
export async function scripted(
  onMessage: (message: ClientMessage, client: ScriptedSocket) => void,
  { hello = true, onConnection }: { hello?: boolean; onConnection?: (client: ScriptedSocket) => void } = {},
): Promise<{ url: string; heard: ClientMessage[]; connections: () => number; headers: () => IncomingHttpHeaders[] }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "tributary.v1" });
  const heard: ClientMessage[] = [];
  const headers: IncomingHttpHeaders[] = [];
  server.on("connection", (socket, request) => {
    headers.push(request.headers);
    const client = { socket, say: (message: ServerMessage) => socket.send(encodeMessage(message)) };
    socket.on("error", () => undefined);
    if (hello) client.say({ type: "hello", version: 1, limits: { frameBytes: 65_536, requests: 16 } });
    onConnection?.(client);
    socket.on("message", (data: Buffer) => {
      const message = decodeClientMessage(data);
      heard.push(message);
      if (message.type !== "hello") onMessage(message, client);
    });
  });
  await once(server, "listening");
  atEnd(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { url: urlOf(server), heard, connections: () => headers.length, headers: () => headers };
}

/** An HTTP server that answers every handshake with `answer`. */
export async function refusing(answer: string): Promise<string> {
  const server = createServer();
  server.on("upgrade", (_request, socket) => socket.end(answer));
  return listening(server);
}

/** A TCP server that does what the test wants with its sockets. */
export async function plainTcp(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  atEnd(() => sockets.forEach((socket) => socket.destroy()));
  return listening(server);
}

async function listening(server: Server | TcpServer): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  return urlOf(server);
}

function urlOf(server: { address(): AddressInfo | string | null }): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
