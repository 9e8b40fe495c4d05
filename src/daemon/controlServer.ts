import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type BehaviorSubject, catchError, endWith, ignoreElements, NEVER, Observable, share, takeUntil } from "rxjs";
import { WebSocketServer, type WebSocket } from "ws";
import { controlPath, endedCode, maxRequestBytes } from "../control/control.js";
import { DownloadError } from "../errors/DownloadError.js";
import { listenFailure } from "../errors/listenFailure.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { ControlSession, type SessionParts, type SessionSocket } from "./ControlSession.js";
import { Doorkeeper } from "./Doorkeeper.js";
import { answerPage } from "./pageServer.js";

/** Connections at a time. */
const mostClients = 64;

/** How long a client may take to close its end of a connection when the server ends, ms: a page does at once, and one that is stopped is not waited for. */
const closeTimeout = 1000;

/** One thing that happened at a server of clients. */
export type ServerEvent =
  /** The port is open; `link` makes a link of the page that lets one browser in. */
  | { readonly type: "listening"; readonly port: number; readonly link: () => string }
  | { readonly type: "client-refused"; readonly status: number; readonly message: string }
  | { readonly type: "client-failed"; readonly message: string };

/** Parts that sessions have in common before there is an address. */
export type ServedParts = Omit<SessionParts, "link">;

export interface ControlServerConfig {
  /** Port on 127.0.0.1; 0 for any. */
  readonly port: number;
  readonly token: string;
  /** Folder of the page's files; nothing where no page is served. */
  readonly page: string | undefined;
}

/**
 * A server on 127.0.0.1 for the clients of a manager and its page, as long as it is subscribed; then each client is told how things stand, and dropped. Errors
 * with `LOCAL_IO` when it cannot listen.
 */
export function controlServer(
  { port, token, page }: ControlServerConfig,
  parts: ServedParts,
  clients: BehaviorSubject<number>,
): Observable<ServerEvent> {
  return new Observable<ServerEvent>((subscriber) => {
    const server: Server = createServer();
    const sockets = new WebSocketServer({
      ...{ noServer: true, perMessageDeflate: false, maxPayload: maxRequestBytes, closeTimeout },
    });
    const sessions = new Set<ControlSession>();
    let door: Doorkeeper | undefined;
    let link = (): string => "";
    server.headersTimeout = 10_000;
    server.on("error", (cause) => {
      subscriber.error(new DownloadError("LOCAL_IO", listenFailure("127.0.0.1", port, cause), { cause }));
    });
    server.on("request", (request, response) => {
      // It never fails but by a client that has gone.
      if (door !== undefined) void answerPage(request, response, { folder: page, door });
    });
    server.on("upgrade", (request, socket, head) => {
      const refusal = door && refusalOf(request, door, clients.value);
      if (door !== undefined && refusal === undefined)
        sockets.handleUpgrade(request, socket, head, (client) => subscriber.add(sessionOf(client)));
      else refuse(socket, refusal ?? { status: 503, message: "not ready" });
      if (refusal !== undefined) subscriber.next({ type: "client-refused", ...refusal });
    });
    const sessionOf = (client: WebSocket) => {
      const session = new ControlSession({ ...parts, link }, socketOf(client));
      sessions.add(session);
      clients.next(sessions.size);
      const left = (): void => {
        sessions.delete(session);
        clients.next(sessions.size);
      };
      return converse(client, session).subscribe({
        error: (error: unknown) => {
          left();
          subscriber.next({ type: "client-failed", message: toDownloadError(error).message });
        },
        complete: left,
      });
    };
    server.listen(port, "127.0.0.1", () => {
      const { port: taken } = server.address() as AddressInfo;
      const now = (): number => parts.scheduler.now();
      const doorkeeper = new Doorkeeper({ port: taken, token, now, isBrief: parts.ends });
      door = doorkeeper;
      link = () => `http://127.0.0.1:${taken}/?token=${doorkeeper.ticket()}`;
      subscriber.next({ type: "listening", port: taken, link });
    });
    return () => {
      // What happened last is told before the end.
      for (const session of sessions) session.tell();
      for (const client of sockets.clients) client.close(endedCode);
      server.close();
      // A browser keeps connections at hand on which it asks for nothing; a page that is half told is of a daemon that is no more.
      server.closeAllConnections();
    };
  });
}

interface Refused {
  readonly status: number;
  readonly message: string;
}

function refusalOf(request: IncomingMessage, door: Doorkeeper, clients: number): Refused | undefined {
  const stranger = door.stranger(request);
  if (stranger !== undefined) return stranger;
  if (!door.knows(request)) return { status: 401, message: "wrong or missing token" };
  if (request.url?.split("?")[0] !== controlPath) return { status: 404, message: `expected ${controlPath}` };
  return clients < mostClients ? undefined : { status: 503, message: `${clients} clients are connected already` };
}

function refuse(socket: Duplex, { status, message }: Refused): void {
  // The client may be gone before it reads this.
  socket.on("error", () => socket.destroy());
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`, () => socket.destroy());
}

function socketOf(client: WebSocket): SessionSocket {
  return {
    waitingBytes: () => client.bufferedAmount,
    send: (frame) => client.send(frame),
    listen: (isListening) => (isListening ? client.resume() : client.pause()),
  };
}

/** A session with a client, until it leaves. Unsubscribing drops it. */
function converse(client: WebSocket, session: ControlSession): Observable<never> {
  const frames = new Observable<Uint8Array>((subscriber) => {
    // What is no frame closes the socket.
    client.on("error", () => undefined);
    client.on("message", (data: Buffer, isBinary) => {
      if (isBinary) subscriber.next(new Uint8Array(data));
      else subscriber.error(new DownloadError("PROTOCOL_ERROR", "a text message came, expected binary ones"));
    });
    client.on("close", () => subscriber.complete());
    return () => client.removeAllListeners("message");
  }).pipe(share());
  const closed = frames.pipe(
    ignoreElements(),
    catchError(() => NEVER),
    endWith("closed"),
  );
  return session.run(frames).pipe(
    takeUntil(closed),
    catchError((error: unknown) => {
      client.close(1002);
      throw error;
    }),
  );
}
