import { checkOptions } from "../../../operators/checkOptions.js";
import { aFunction } from "../../../operators/optionShapes.js";
import { authorityShape } from "../../protocol/accessShapes.js";
import type { Socket } from "node:net";
import { catchError, defer, Observable, type Subscriber, switchMap, throwError } from "rxjs";
import type { ClientOptions, WebSocket } from "ws";
import { DownloadError } from "../../errors/DownloadError.js";
import type { RemoteAddress } from "../../protocol/Scope.js";
import { subprotocol } from "../../protocol/protocol.js";
import { Authorities, type Tls } from "../network/Authorities.js";
import { anywhere, publicOnly, type Reach } from "../network/Reach.js";
import { remoteOf } from "../network/remoteOf.js";
import { closeError } from "./closeError.js";
import { type Bound, Departure } from "./Departure.js";
import type { Dial, DialTarget, Wire } from "./Dial.js";
import { socketError } from "./socketError.js";
import { statusError } from "./statusError.js";
import { webSocketLibrary } from "./webSocketLibrary.js";

/** How to trust `wss://` peers. */
export interface DialNodeConfig {
  /** Certificate authorities, PEM, in place of Node's and the system's: see `Authorities`. @default Node's and the system's */
  readonly ca?: string | readonly string[] | undefined;
  /** The one address of this machine at which it serves now: sockets are dialled from it, see `Departure`. @default they come from any @internal */
  readonly from?: (() => string | undefined) | undefined;
}

/** Code that `ws` gives when the other end sent no close frame. */
const noGoodbye = 1006;
const keepAliveMs = 30_000;
const send = { binary: true };

/** Dials with the `ws` package. */
export function dialNode(config: DialNodeConfig = {}): Dial {
  checkOptions("dialNode", config, { ca: authorityShape, from: aFunction });
  const { ca, from = () => undefined } = config;
  const departure = new Departure(from);
  const authorities = new Authorities(ca, process.env);
  const dial: Dial = (target) =>
    defer(() => {
      const { tls } = authorities;
      return dialled(target, { tls, departure }).pipe(
        catchError((error: unknown) => (authorities.know(error, tls) ? dial(target) : throwError(() => error))),
      );
    });
  return dial;
}

interface Way {
  readonly tls: Tls;
  readonly departure: Departure;
}

function dialled(target: DialTarget, { tls, departure }: Way): Observable<Wire> {
  const host = new URL(target.url).hostname.replace(/^\[|\]$/g, "");
  return webSocketLibrary.pipe(
    switchMap((library) => departure.dial(host, (bound) => dialledBy(library.WebSocket, target, { ...tls, ...bound }))),
  );
}

function dialledBy(NewSocket: typeof WebSocket, target: DialTarget, how: Tls & Partial<Bound>): Observable<Wire> {
  return new Observable((subscriber) => {
    const reach = target.publicOnly === true ? publicOnly : anywhere;
    reach.check(target.url, target.peer);
    const socket = new NewSocket(target.url, [subprotocol], {
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: target.maxFrameBytes,
      ...(target.token === undefined ? {} : { headers: { authorization: `Bearer ${target.token}` } }),
      ...how,
      ...reach.dialling,
    } satisfies ClientOptions & Tls & Partial<Bound> & Reach["dialling"]);
    const wire = new NodeWire(socket, target.peer);
    answerHandshake(socket, target, { subscriber, wire });
    return () => socket.terminate();
  });
}

function answerHandshake(
  socket: WebSocket,
  { peer, maxRetryAfterMs }: DialTarget,
  { subscriber, wire }: { subscriber: Subscriber<Wire>; wire: NodeWire },
): void {
  let opened = false;
  socket.on("open", () => {
    opened = true;
    subscriber.next(wire);
  });
  socket.on("unexpected-response", (_request, response) => {
    const refusal = { status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] };
    subscriber.error(statusError(peer, refusal, maxRetryAfterMs));
  });
  socket.on("upgrade", (response) => {
    response.socket.setKeepAlive(true, keepAliveMs);
    wire.over(response.socket);
  });
  // Stays for good: `ws` also emits errors after a socket was dropped, and an error without a listener ends the process.
  socket.on("error", (error) => {
    wire.blame(error);
    if (!opened) subscriber.error(socketError(peer, error));
  });
}

class NodeWire implements Wire {
  readonly frames: Observable<Uint8Array>;
  readonly #socket: WebSocket;
  #raw: Socket | undefined;
  /** Bytes that the socket had read when the last message was whole. */
  #heardBytes = 0;
  #cause: Error | undefined;

  constructor(socket: WebSocket, peer: string) {
    this.#socket = socket;
    this.frames = new Observable((subscriber) => {
      socket.on("message", (data, isBinary) => {
        this.#heardBytes = this.#readBytes;
        if (isBinary && data instanceof Uint8Array) subscriber.next(data);
        else subscriber.error(new DownloadError("PROTOCOL_ERROR", `${peer} sent a text message`, { peer }));
      });
      socket.on("close", (code, reason) => {
        if (code !== noGoodbye) this.#heardBytes = this.#readBytes;
        // A goodbye tells more than the reset that may follow it.
        const cause = code === noGoodbye ? this.#cause : undefined;
        subscriber.error(cause === undefined ? closeError(peer, code, reason.toString()) : socketError(peer, cause));
      });
    });
  }

  /** The connection below. */
  over(raw: Socket): void {
    this.#raw = raw;
    this.#heardBytes = raw.bytesRead;
    // `ws` swallows the reason why an open socket broke.
    raw.on("error", (error) => this.blame(error));
  }

  get remote(): RemoteAddress | undefined {
    return remoteOf(this.#raw?.remoteAddress);
  }

  get local(): string | undefined {
    return remoteOf(this.#raw?.localAddress)?.address;
  }

  get unfinishedBytes(): number {
    return this.#readBytes - this.#heardBytes;
  }

  get #readBytes(): number {
    return this.#raw?.bytesRead ?? 0;
  }

  /** Remembers what broke the socket; the first thing that did. */
  blame(error: Error): void {
    this.#cause ??= error;
  }

  send(frame: Uint8Array): void {
    // A socket that is going down tells so by closing.
    this.#socket.send(frame, send, () => undefined);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // The goodbye is on its way, if there is room for it; waiting for the answer would keep the socket open.
    this.#socket.terminate();
  }
}
