import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Asking, dialled } from "./dialled.js";
import { tunnel } from "./tunnel.js";

export interface Tls {
  readonly ca?: string | string[];
}

const kept: AgentOptions = {
  keepAlive: true,
  keepAliveMsecs: 60_000,
  // The one that was used last is the least likely to be closed by the server meanwhile.
  scheduling: "lifo",
  // How long one may rest; less where the server says so.
  timeout: 30_000,
  // Node gives an address 250 ms before it tries the host's next one, and gives it up then: too little for far-away hosts.
  autoSelectFamilyAttemptTimeout: 2000,
};

const secured = { ...kept, ALPNProtocols: ["http/1.1"] };

/** Connections by TCP, kept for the next request. */
export class PlainConnections extends HttpAgent {
  constructor() {
    super(kept);
  }

  override createConnection(options: Asking): Socket {
    return dialled(super.createConnection(options) as Socket, "connect", options);
  }
}

/** Connections by TLS, kept for the next request. */
export class TlsConnections extends HttpsAgent {
  constructor(tls: Tls) {
    super({ ...secured, ...tls });
  }

  override createConnection(options: Asking): Socket {
    return dialled(super.createConnection(options) as Socket, "secureConnect", options);
  }
}

/** Connections by TLS through a proxy, kept for the next request. */
export class TunnelledConnections extends HttpsAgent {
  readonly #proxy: URL;
  readonly #toProxy: HttpAgent;

  constructor(tls: Tls, proxy: URL, toProxy: HttpAgent) {
    super({ ...secured, ...tls });
    this.#proxy = proxy;
    this.#toProxy = toProxy;
  }

  override createConnection(options: Asking, done: (error: Error | null, socket: Duplex) => void): undefined {
    const { host, port, dialling } = options;
    const to = `${host?.includes(":") ? `[${host}]` : host}:${port}`;
    // Node wants no socket beside an error, which its type does not say.
    const fail = done as (error: Error) => void;
    const drop = tunnel({ proxy: this.#proxy, agent: this.#toProxy, to }, (way) => {
      if (way instanceof Socket) done(null, dialled(this.#over(way, options), "secureConnect", options));
      else fail(way);
    });
    dialling?.(drop);
  }

  #over(socket: Socket, options: Asking): Socket {
    const through: Asking & { readonly socket: Socket } = { ...options, socket };
    return super.createConnection(through) as Socket;
  }
}
