import type { Observable } from "rxjs";
import type { HttpAnswer, HttpLine, ConnectHttp, HttpRequest } from "./HttpLine.js";
import type { Tls } from "./connections.js";
import { environmentProxies, type ProxyFor } from "./environmentProxies.js";
import { exchange } from "./NodeExchange.js";
import { NodeWays } from "./NodeWays.js";

/** How to trust `https://` mirrors. */
export interface ConnectNodeConfig {
  /** Certificate authorities, PEM, in place of the system's. */
  readonly ca?: string | readonly string[];
}

/**
 * Connections by `node:http` and `node:https`, through the proxies that `http_proxy`, `https_proxy` and `no_proxy` name in the environment, in small or
 * large letters. They are kept alive for the next request, and no time is limited but that of dialling, 10 s: how long an answer may
 * take is for the download to say. Making a peer throws a TypeError when the address of a proxy is none.
 */
export function connectNode({ ca }: ConnectNodeConfig = {}): ConnectHttp {
  const tls = ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] };
  return () => new NodeLine(tls, environmentProxies(process.env));
}

class NodeLine implements HttpLine {
  readonly #tls: Tls;
  readonly #proxyFor: ProxyFor;
  #ways: NodeWays;

  constructor(tls: Tls, proxyFor: ProxyFor) {
    this.#tls = tls;
    this.#proxyFor = proxyFor;
    this.#ways = new NodeWays(tls, proxyFor);
  }

  send(request: HttpRequest): Observable<HttpAnswer> {
    return exchange(request, this.#ways);
  }

  renew(): void {
    this.#ways.close();
    this.#ways = new NodeWays(this.#tls, this.#proxyFor);
  }

  close(): void {
    this.#ways.close();
  }
}
