import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { Changes, type Patience } from "../peers/Changes.js";
import type { Answer, Handler } from "./Exchange.js";
import { Break } from "./Exchange.js";

export interface FaultServerOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** @default any that is free */
  readonly port?: number;
  /** Makes it an https server. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
}

/** A real HTTP server that answers with what a handler says, however wrong, and counts what it was asked and what it gave. */
export class FaultServer {
  readonly asked: Asked[] = [];
  /** Connections that were made, ever. */
  connections = 0;
  /** Requests that came sooner than a Retry-After had said. */
  hasty = 0;
  readonly #server: Server;
  readonly #scheme: string;
  readonly #used = new Map<Socket, { served: number }>();
  readonly #changes = new Changes();
  #served = 0;
  #notBefore = 0;
  #handler: Handler;

  /** Starts one; resolves when it listens. */
  static async start(handler: Handler, options: FaultServerOptions = {}): Promise<FaultServer> {
    const server = new FaultServer(handler, options);
    server.#server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  private constructor(handler: Handler, { tls }: FaultServerOptions) {
    this.#handler = handler;
    this.#scheme = tls === undefined ? "http" : "https";
    const listener: RequestListener = (request, response) => void this.#answer(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => this.#meet(socket));
  }

  /** `scheme://host:port`, without a path: every path is the file. */
  get origin(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** The file. */
  get url(): string {
    return `${this.origin}/file.bin`;
  }

  /** Bytes of bodies that were handed to the network. */
  get served(): number {
    return this.#served;
  }

  get requests(): number {
    return this.asked.length;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#used.size;
  }

  /** From now on it answers so. */
  play(handler: Handler): void {
    this.#handler = handler;
  }

  /** Resolves when what it has counted is so. */
  until(what: string, holds: (server: this) => boolean, patience?: Patience): Promise<void> {
    return this.#changes.until(what, () => holds(this), patience);
  }

  /** Breaks all connections. */
  hangUp(): void {
    for (const socket of this.#used.keys()) socket.destroy();
  }

  /** Breaks all connections and stops to listen; resolves when the port is free. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.hangUp();
    await closed;
  }

  #meet(socket: Socket): void {
    this.connections += 1;
    this.#used.set(socket, { served: 0 });
    // What clients do to their connections is what tests are about; it is no failure of the server.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#used.delete(socket);
      this.#changes.changed();
    });
    this.#changes.changed();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers, socket } = request;
    const connection = this.#used.get(socket);
    if (connection === undefined) return;
    this.asked.push({ method, path, range: headers.range });
    if (performance.now() < this.#notBefore) this.hasty += 1;
    this.#changes.changed();
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      const answer = await this.#handler({ method, path, headers, connection, gone: gone.signal });
      start(response, answer);
      const secondsToWait = Number(answer.headers["retry-after"] ?? NaN);
      if (secondsToWait > 0) this.#notBefore = performance.now() + 1000 * secondsToWait - timerSlackMs;
      if (method !== "HEAD") await this.#send(answer, response, connection, gone.signal);
      response.end();
    } catch (error) {
      if (gone.signal.aborted) return;
      if (!(error instanceof Break)) throw error;
      await flushed(socket);
      if (error.how === "close") {
        socket.destroy();
        return;
      }
      // Clients that find bytes and a reset at once take it for an end.
      await setTimeout(resetAfterMs);
      socket.resetAndDestroy();
    }
  }

  async #send({ body }: Answer, response: ServerResponse, connection: { served: number }, signal: AbortSignal) {
    for await (const piece of body) {
      signal.throwIfAborted();
      connection.served += piece.length;
      this.#served += piece.length;
      this.#changes.changed();
      if (!response.write(piece)) await once(response, "drain", { signal });
    }
  }
}

const resetAfterMs = 10;
/** A timer of the client may be so early. */
const timerSlackMs = 5;

/** Sends the head at once, so that a body that is slow to come does not hold it back. */
function start(response: ServerResponse, { status, headers, framing = "length" }: Answer): void {
  const { "content-length": length, ...others } = headers;
  if (framing === "close") response.useChunkedEncodingByDefault = false;
  response.shouldKeepAlive &&= framing !== "close" && others["connection"] !== "close";
  response.writeHead(status, framing === "length" && length !== undefined ? headers : others);
  response.flushHeaders();
}

/** Resolves when all that was written is with the system, or lost. */
function flushed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.write("", resolve));
}
