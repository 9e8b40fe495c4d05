import { checkShape, type OptionShape } from "../../../operators/checkOptions.js";
import { aFunction } from "../../../operators/optionShapes.js";
import { createServer as createHttpServer, STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Observable, Subscription, type Subscriber, switchMap } from "rxjs";
import type { WebSocket, WebSocketServer } from "ws";
import { DownloadError } from "../../errors/DownloadError.js";
import { listenFailure } from "../../errors/listenFailure.js";
import { subprotocol } from "../../protocol/protocol.js";
import type { Seeder } from "../../seeder/createSeeder.js";
import type { SeederEvent } from "../../seeder/SeederEvent.js";
import { addressesOf } from "../network/addressesOf.js";
import { machineOf } from "../network/machineOf.js";
import { remoteOf } from "../network/remoteOf.js";
import { BearerCheck } from "./BearerCheck.js";
import type { OriginCheck } from "./OriginCheck.js";
import { ServerConnection } from "./ServerConnection.js";
import { resolveServeConfig, type ServeWebSocketConfig } from "./ServeWebSocketConfig.js";
import { webSocketLibrary } from "./webSocketLibrary.js";

/** Events of a server. */
export type ServerEvent =
  /** The port is open. */
  | {
      readonly type: "listening";
      /** Address of the server: `ws://host:port`; of a server on all addresses of the machine (`0.0.0.0`, `::`) one that others reach, if there is any. */
      readonly url: string;
      /** All addresses by which it is reached, that one first. */
      readonly urls: readonly string[];
      /** Port that was taken. */
      readonly port: number;
    }
  /** A handshake was answered with an HTTP status instead. */
  | {
      readonly type: "handshake-refused";
      /** Address of the client. */
      readonly peer: string;
      /** HTTP status of the answer. */
      readonly status: number;
      /** Words for people. */
      readonly message: string;
    }
  | SeederEvent;

const keepAliveMs = 30_000;
const headersTimeoutMs = 10_000;

const seederShape: OptionShape = {
  must: "a seeder, such as createSeeder makes",
  fits: (value) => aFunction.fits((Object(value) as { readonly accept?: unknown }).accept),
};

/**
 * Serves a seeder over WebSocket from subscription on: emits `listening`, then what happens. Unsubscribing closes the server
 * and drops all connections at once. Errors with `LOCAL_IO` when it cannot listen (port in use, no such address).
 *
 * @throws RangeError at the call for a limit, TypeError for a token, a certificate, a key or an origin that cannot be.
 */
export function serveWebSocket(seeder: Seeder, config: ServeWebSocketConfig = {}): Observable<ServerEvent> {
  checkShape("seeder", seeder, seederShape);
  const resolved = resolveServeConfig(config);
  return webSocketLibrary.pipe(switchMap((library) => served(library.WebSocketServer, seeder, resolved)));
}

function served(
  SocketServer: typeof WebSocketServer,
  seeder: Seeder,
  { host, port, token, tls, origins, highWaterBytes }: ReturnType<typeof resolveServeConfig>,
): Observable<ServerEvent> {
  return new Observable((subscriber) => {
    const server: Server = tls === undefined ? createHttpServer() : createHttpsServer({ ...tls });
    const sockets = new SocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: seeder.maxFrameBytes,
      handleProtocols: () => subprotocol,
    });
    const handshake = new Handshake({ seeder, sockets, subscriber, token, origins });
    const sessions = new Subscription();

    server.headersTimeout = headersTimeoutMs;
    boundSockets(server, 2 * seeder.maxConnectionsPerAddress);
    server.on("request", (_request, response) => {
      response.writeHead(426, { connection: "close", upgrade: "websocket" }).end("a Tributary seeder: use WebSocket\n");
    });
    server.on("upgrade", (request, socket, head) => handshake.answer(request, socket, head));
    server.on("error", (error) => {
      subscriber.error(new DownloadError("LOCAL_IO", listenFailure(host, port, error), { cause: error }));
    });
    sockets.on("connection", (socket: WebSocket, request: IncomingMessage) => {
      // Broken frames close the socket, which the session hears; an error without a listener would end the process.
      socket.on("error", () => undefined);
      request.socket.setKeepAlive(true, keepAliveMs);
      const { remoteAddress } = request.socket;
      const client = {
        address: addressOf(request),
        host: hostOf(request.socket),
        remote: remoteOf(remoteAddress),
        highWaterBytes,
      };
      const connection = new ServerConnection(socket, request.socket, client);
      sessions.add(seeder.accept(connection).subscribe((event) => subscriber.next(event)));
    });
    server.listen(port, host, () => {
      const { port: taken, address } = server.address() as AddressInfo;
      const scheme = tls === undefined ? "ws" : "wss";
      const urls = addressesOf(address, host).map((name) => `${scheme}://${name}:${taken}`);
      subscriber.next({ type: "listening", url: urls[0] ?? "", urls, port: taken });
    });
    return () => {
      sessions.unsubscribe();
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    };
  });
}

interface HandshakeParts {
  readonly seeder: Seeder;
  readonly sockets: WebSocketServer;
  readonly subscriber: Subscriber<ServerEvent>;
  readonly token: string | undefined;
  readonly origins: OriginCheck;
}

/** Lets clients in, or answers with an HTTP status. */
class Handshake {
  readonly #parts: HandshakeParts;
  readonly #bearer: BearerCheck | undefined;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
    this.#bearer = parts.token === undefined ? undefined : new BearerCheck(parts.token);
  }

  answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { sockets, seeder, origins } = this.#parts;
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    const refuse = (status: number, message: string, header = "") =>
      this.#refuse(request, socket, { status, message, header });
    const stranger = origins.refusal(request);
    // A page cannot even try tokens; without the right one, nobody learns anything else.
    if (stranger !== undefined) {
      refuse(stranger.status, stranger.message);
    } else if (this.#bearer?.passes(request, offered) === false) {
      refuse(401, "wrong or missing token", "WWW-Authenticate: Bearer\r\n");
    } else if (!offered.includes(subprotocol)) {
      refuse(400, `expected subprotocol ${subprotocol}`);
    } else {
      const full = seeder.admit(hostOf(request.socket));
      const seconds = Math.ceil(seeder.busyRetryAfterMs / 1000);
      if (full !== undefined) refuse(503, full, `Retry-After: ${seconds}\r\n`);
      else sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
    }
  }

  #refuse(
    request: IncomingMessage,
    socket: Duplex,
    { status, message, header }: { status: number; message: string; header: string },
  ): void {
    // The client may be gone before it reads this.
    socket.on("error", () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${header}Connection: close\r\n` +
        `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
      () => socket.destroy(),
    );
    this.#parts.subscriber.next({ type: "handshake-refused", peer: addressOf(request), status, message });
  }
}

/**
 * Sockets count too that never come to a handshake, by their address: when there are more than `most`, the one that has been waiting for longest is closed
 * without an answer. A handshake takes its client a moment, so that it is the idle ones that make room.
 */
function boundSockets(server: Server, most: number): void {
  const open = new Map<string, SocketsOfHost>();
  server.on("connection", (socket: Socket) => {
    const host = hostOf(socket);
    const { remotePort = 0 } = socket;
    const sockets = open.get(host) ?? { count: 0, waiting: new Map<number, Socket>() };
    open.set(host, sockets);
    sockets.count += 1;
    sockets.waiting.set(remotePort, socket);
    socket.once("close", () => {
      sockets.count -= 1;
      sockets.waiting.delete(remotePort);
      if (sockets.count === 0) open.delete(host);
    });
    if (sockets.count <= most) return;
    const [[port, oldest] = [remotePort, socket]] = sockets.waiting;
    sockets.waiting.delete(port);
    oldest.destroy();
  });
  // By the port, because that of TLS is not the socket that was taken.
  server.on("upgrade", ({ socket }: IncomingMessage) => {
    open.get(hostOf(socket))?.waiting.delete(socket.remotePort ?? 0);
  });
}

interface SocketsOfHost {
  count: number;
  /** Sockets that have asked for nothing, by their port, the oldest first. */
  readonly waiting: Map<number, Socket>;
}

function hostOf({ remoteAddress, localAddress }: Socket): string {
  return machineOf(remoteAddress, localAddress);
}

function addressOf({ socket: { remoteAddress, remotePort = 0 } }: IncomingMessage): string {
  const address = remoteOf(remoteAddress)?.address ?? "unknown";
  return `${address.includes(":") ? `[${address}]` : address}:${remotePort}`;
}
