import type { Observable } from "rxjs";
import { EnvHttpProxyAgent } from "undici";
import { Dialling } from "./Dialling.js";
import type { ConnectHttp, HttpAnswer, HttpLine, HttpRequest } from "./HttpLine.js";
import { exchange } from "./UndiciExchange.js";

/** How to trust `https://` mirrors. */
export interface ConnectNodeConfig {
  /** Certificate authorities, PEM, in place of the system's. */
  readonly ca?: string | readonly string[];
}

interface Tls {
  readonly ca?: string | string[];
}

/**
 * Connections by undici, through the proxies that `http_proxy`, `https_proxy` and `no_proxy` name in the environment, in small or large letters. They
 * are kept alive for the next request, and no time is limited but that of dialling, 10 s: how long an answer may take is for the
 * download to say. Making a peer throws a TypeError when the address of a proxy is none.
 */
export function connectNode({ ca }: ConnectNodeConfig = {}): ConnectHttp {
  const tls = ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] };
  return () => new NodeLine(tls);
}

class NodeLine implements HttpLine {
  readonly #tls: Tls;
  readonly #dialling: Dialling;
  #agent: EnvHttpProxyAgent;

  constructor(tls: Tls) {
    this.#tls = tls;
    this.#dialling = new Dialling(tls);
    this.#agent = newAgent(this.#dialling, tls);
  }

  send(request: HttpRequest): Observable<HttpAnswer> {
    return exchange(this.#agent, this.#dialling, request);
  }

  renew(): void {
    const old = this.#agent;
    this.#agent = newAgent(this.#dialling, this.#tls);
    // It waits for the requests that are on its connections, and can fail only by being gone already.
    old.close().catch(() => undefined);
  }

  close(): void {
    this.#agent.destroy().catch(() => undefined);
  }
}

function newAgent(dialling: Dialling, tls: Tls): EnvHttpProxyAgent {
  try {
    return new EnvHttpProxyAgent({
      connect: dialling.connect,
      requestTls: tls,
      // Proxies take plain requests as they are; many refuse to tunnel them.
      proxyTunnel: false,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  } catch (cause) {
    // The value may hold a password.
    throw new TypeError("http_proxy or https_proxy in the environment is no address, expected http://host:port", {
      cause,
    });
  }
}
