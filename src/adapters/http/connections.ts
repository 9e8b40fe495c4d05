import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Tls } from "../network/Authorities.js";
import type { Reach } from "../network/Reach.js";
import { type Asking, dialled, dialOptions, restMs, tlsDialOptions } from "./dialled.js";
import type { OpenTunnel, Place } from "./tunnel.js";

const kept: AgentOptions = {
  keepAlive: true,
  keepAliveMsecs: 60_000,
  // The one that was used last is the least likely to be closed by the server meanwhile.
  scheduling: "lifo",
  timeout: restMs,
};

/** Told of a connection, or why there is none. Node wants no socket beside an error, which its type does not say. */
type Done = (error: Error | null, socket: Duplex) => void;

/** Connections by TCP, kept for the next request. */
export class PlainConnections extends HttpAgent {
  constructor(dialling: Reach["dialling"] = {}) {
    super({ ...kept, ...dialOptions, ...dialling });
  }

  override createConnection(options: Asking, done: Done): undefined {
    inRoom(options, done, () => dialled(super.createConnection(options) as Socket, "connect", options));
  }
}

/** Connections by TLS, kept for the next request. */
export class TlsConnections extends HttpsAgent {
  constructor(tls: Tls, dialling: Reach["dialling"] = {}) {
    super({ ...kept, ...tlsDialOptions, ...tls, ...dialling });
  }

  override createConnection(options: Asking, done: Done): undefined {
    inRoom(options, done, () => dialled(super.createConnection(options) as Socket, "secureConnect", options));
  }
}

/** Connections through a proxy that makes them for us, kept for the next request. */
export class TunnelledConnections extends HttpAgent {
  readonly #open: OpenTunnel;

  constructor(open: OpenTunnel) {
    super(kept);
    this.#open = open;
  }

  override createConnection(options: Asking, done: Done): undefined {
    options.dialling?.(
      this.#open(placeOf(options), (way) => {
        if (way instanceof Socket) done(null, way);
        else refuse(done, way);
      }),
    );
  }
}

/** Connections by TLS through a proxy, kept for the next request. */
export class TunnelledTlsConnections extends HttpsAgent {
  readonly #open: OpenTunnel;

  constructor(tls: Tls, open: OpenTunnel) {
    super({ ...kept, ...tlsDialOptions, ...tls });
    this.#open = open;
  }

  override createConnection(options: Asking, done: Done): undefined {
    const drop = this.#open(placeOf(options), (way) => {
      if (!(way instanceof Socket)) refuse(done, way);
      else if (!handOver(done, () => dialled(this.#over(way, options), "secureConnect", options))) way.destroy();
    });
    options.dialling?.(drop);
  }

  #over(socket: Socket, options: Asking): Socket {
    const through: Asking & { readonly socket: Socket } = { ...options, socket };
    return super.createConnection(through) as Socket;
  }
}

function placeOf({ host, port, protocol }: Asking): Place {
  return { host: host ?? "", port: Number(port ?? (protocol === "https:" ? 443 : 80)) };
}

function inRoom({ room, dialling }: Asking, done: Done, dial: () => Socket): void {
  if (room === undefined) {
    handOver(done, dial);
    return;
  }
  // Told before it is known: where there is room the dial itself tells another one.
  dialling?.(() => giveUp());
  const giveUp = room(() => handOver(done, dial));
}

/** Hands over the socket, or the error that dialling throws at once, uncaught in a listener of events otherwise. Returns whether there is a socket. */
function handOver(done: Done, dial: () => Socket): boolean {
  let socket: Socket;
  try {
    socket = dial();
  } catch (error) {
    refuse(done, error as Error);
    return false;
  }
  done(null, socket);
  return true;
}

function refuse(done: Done, error: Error): void {
  (done as (error: Error) => void)(error);
}
