import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  asyncScheduler,
  BehaviorSubject,
  catchError,
  combineLatest,
  debounceTime,
  defer,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  share,
  startWith,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
} from "rxjs";
import { WebSocketServer, type WebSocket } from "ws";
import type { ManagerEvent } from "../assembly/manager/ManagerEvent.js";
import { type ManageDownloadsOptions, manageDownloads } from "../assembly/node/manageDownloads.js";
import { controlPath, endedCode, maxRequestBytes } from "../control/control.js";
import { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { ControlSession, type SessionParts } from "./ControlSession.js";
import { type DaemonAddress, newToken, readDaemonFile, writeDaemonFile } from "./daemonFile.js";
import { Doorkeeper } from "./Doorkeeper.js";
import { answerPage } from "./pageServer.js";

/** Connections at a time. */
const mostClients = 64;

/** How long a client may take to say good-bye, ms; the process stays for so long. */
const closeMs = 2000;

/** How long a daemon that ends by itself waits for more to do, ms. */
const idleMs = 30_000;

export interface ServeDaemonOptions extends Omit<ManageDownloadsOptions, "store"> {
  /** Port on 127.0.0.1. @default that of the last daemon where it is free, else any */
  readonly port?: number | undefined;
  /** Folder of the page's files. @default no page is served */
  readonly page?: string | undefined;
  /** Name and version of the program, for its clients. */
  readonly program: string;
  /** True when it ends once nothing waits or runs and no client is there. @default false */
  readonly untilIdle?: boolean | undefined;
}

export type DaemonEvent =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "client-refused"; readonly status: number; readonly message: string }
  | { readonly type: "client-failed"; readonly message: string }
  | ManagerEvent;

/**
 * The daemon of this user: a manager of downloads, and a server on 127.0.0.1 for its clients and its page. Runs while it is subscribed, or until a client, `pauseWhen` or idleness ends it; then what runs is saved.
 * Errors with `LOCKED` when another one runs, and with `LOCAL_IO` when it cannot listen or keep anything.
 */
export function serveDaemon(options: ServeDaemonOptions): Observable<DaemonEvent> {
  return defer(() => {
    const stopped = new Subject<void>();
    const clients = new BehaviorSubject(0);
    const { program, untilIdle = false, pauseWhen = NEVER, dir } = options;
    const quiet = new Subject<void>();
    const manager = manageDownloads({ dir, pauseWhen: merge(pauseWhen, stopped, quiet) });
    const events = manager.events.pipe(share());
    const isBusy = (): boolean => {
      const { waiting = 0, running = 0 } = manager.total.counts;
      return clients.value > 0 || waiting + running > 0;
    };
    const idle = combineLatest([clients, events.pipe(startWith(undefined))]).pipe(
      debounceTime(idleMs),
      tap(() => untilIdle && !isBusy() && quiet.next()),
      ignoreElements(),
    );
    const parts: ServedParts = { manager, events, program, stop: () => stopped.next(), scheduler: asyncScheduler };
    // The store is held from here on, so that there is one daemon: whatever it listens on is the user's.
    const served = events.pipe(
      filter(({ type }) => type === "manager-started"),
      take(1),
      switchMap(() => listening(options, parts, clients)),
    );
    const ended = events.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
      endWith("ended"),
    );
    return merge(merge(served, untilIdle ? idle : EMPTY).pipe(takeUntil(ended)), events);
  });
}

/** The server, with its address in its file as long as it listens. */
function listening(
  options: ServeDaemonOptions,
  parts: ServedParts,
  clients: BehaviorSubject<number>,
): Observable<DaemonEvent> {
  const last = readDaemonFile();
  const token = last?.token ?? newToken();
  const wished = options.port ?? last?.port ?? 0;
  const own = (port: number): Observable<DaemonEvent> => serverOf({ port, token, page: options.page }, parts, clients);
  const isOpen = options.port === undefined && wished !== 0;
  const elsewhere = (error: unknown): Observable<DaemonEvent> => {
    if (isOpen) return own(0);
    throw error;
  };
  return own(wished).pipe(catchError(elsewhere));
}

/** Parts that sessions have in common before there is an address. */
type ServedParts = Omit<SessionParts, "link">;

interface ServerConfig {
  readonly port: number;
  readonly token: string;
  readonly page: string | undefined;
}

function serverOf(
  { port, token, page }: ServerConfig,
  parts: ServedParts,
  clients: BehaviorSubject<number>,
): Observable<DaemonEvent> {
  return new Observable<DaemonEvent>((subscriber) => {
    const server: Server = createServer();
    const sockets = new WebSocketServer({
      ...{ noServer: true, perMessageDeflate: false, maxPayload: maxRequestBytes, closeTimeout: closeMs },
    });
    let door: Doorkeeper | undefined;
    let link = (): string => "";
    server.headersTimeout = 10_000;
    server.on("error", (cause) => {
      const text = `cannot listen on 127.0.0.1 port ${port}: ${cause.message}`;
      subscriber.error(new DownloadError("LOCAL_IO", text, { cause }));
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
      clients.next(clients.value + 1);
      return converse(client, { ...parts, link }).subscribe({
        error: (error: unknown) => {
          clients.next(clients.value - 1);
          subscriber.next({ type: "client-failed", message: toDownloadError(error).message });
        },
        complete: () => clients.next(clients.value - 1),
      });
    };
    server.listen(port, "127.0.0.1", () => {
      const { port: taken } = server.address() as AddressInfo;
      const doorkeeper = new Doorkeeper(taken, token, () => parts.scheduler.now());
      door = doorkeeper;
      link = () => `http://127.0.0.1:${taken}/?token=${doorkeeper.ticket()}`;
      const address: DaemonAddress = { port: taken, token, pid: process.pid };
      try {
        writeDaemonFile(address);
      } catch (error) {
        subscriber.error(error);
        return;
      }
      // The next daemon listens on the same port, by the same token, so that pages and scripts find it; without a process nobody asks there meanwhile.
      subscriber.add(() => leave({ port: taken, token }));
      subscriber.next({ type: "listening", port: taken });
    });
    return () => {
      for (const client of sockets.clients) client.close(endedCode);
      server.close();
      // A browser keeps connections at hand on which it asks for nothing; a page that is half told is of a daemon that is no more.
      server.closeAllConnections();
    };
  });
}

function leave(address: DaemonAddress): void {
  try {
    writeDaemonFile(address);
  } catch {
    // A file that still names this process, which has ended, leads nobody astray.
  }
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

/** A session with a client, until it leaves. Unsubscribing drops it. */
function converse(client: WebSocket, parts: SessionParts): Observable<never> {
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
  const session = new ControlSession(parts, {
    waitingBytes: () => client.bufferedAmount,
    send: (frame) => client.send(frame),
    listen: (isListening) => (isListening ? client.resume() : client.pause()),
  });
  return session.run(frames).pipe(
    takeUntil(closed),
    catchError((error: unknown) => {
      client.close(1002);
      throw error;
    }),
  );
}
