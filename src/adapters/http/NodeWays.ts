import type { Agent, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type { Tls } from "../network/Authorities.js";
import type { Reach } from "../network/Reach.js";
import { addressOf } from "./addressOf.js";
import { PlainConnections, TlsConnections, TunnelledConnections, TunnelledTlsConnections } from "./connections.js";
import type { Asking } from "./dialled.js";
import { type ProxyFor, proxyHeaders } from "./environmentProxies.js";
import type { MakeRoom } from "./Farewells.js";
import { socksTunnel } from "./socksTunnel.js";
import { type OpenTunnel, tunnel } from "./tunnel.js";

interface Way extends RequestOptions, Pick<Asking, "room"> {
  /** True when a proxy passes the requests on. */
  readonly isProxied: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

interface NodeWaysParts extends Pick<Reach, "dialling"> {
  readonly tls: Tls;
  readonly proxyFor: ProxyFor;
  readonly makeRoom: MakeRoom;
}

/** The ways to the hosts of one line, and the connections that stand on them. */
export class NodeWays {
  readonly #parts: NodeWaysParts;
  /** By origin, or what leads to it. */
  readonly #agents = new Map<string, Agent>();
  #isClosed = false;

  constructor(parts: NodeWaysParts) {
    this.#parts = parts;
  }

  /** True when a proxy stands before an address. */
  isProxied(url: string): boolean {
    return this.#parts.proxyFor(new URL(url)) !== undefined;
  }

  /** How to ask for what is at an address. */
  to(url: URL): Way {
    const { tls, dialling, proxyFor, makeRoom } = this.#parts;
    const proxy = proxyFor(url);
    const isTls = url.protocol === "https:";
    const headers = { host: url.host };
    if (proxy !== undefined && !isTls && !isSocks(proxy)) {
      // Proxies take plain requests as they are; many refuse to tunnel them.
      const all = { ...headers, ...proxyHeaders(proxy) };
      return { ...addressOf(proxy), path: url.href, headers: all, agent: this.#toProxy(proxy), isProxied: true };
    }
    const way = { ...addressOf(url), path: `${url.pathname}${url.search}`, headers };
    if (proxy !== undefined) return { ...way, agent: this.#tunnelled(proxy, isTls), isProxied: true };
    const { origin } = url;
    const agent = this.#agent(origin, () =>
      isTls ? new TlsConnections(tls, dialling) : new PlainConnections(dialling),
    );
    return { ...way, agent, isProxied: false, room: (dial) => makeRoom(origin, dial) };
  }

  /** Ends the connections to an origin that rest, and no request takes any more. */
  endResting(origin: string): readonly Socket[] {
    const resting = Object.values(this.#agents.get(origin)?.freeSockets ?? {}).flatMap((sockets) => sockets ?? []);
    for (const socket of resting) {
      socket.end();
      socket.emit("agentRemove");
    }
    return resting;
  }

  /** Drops the connections that no request is on, and each other one when its request has ended. */
  close(): void {
    this.#isClosed = true;
    this.#agents.forEach(retire);
  }

  #tunnelled(proxy: URL, isTls: boolean): Agent {
    return isTls
      ? this.#agent("tunnelled, by TLS", () => new TunnelledTlsConnections(this.#parts.tls, tunnelsOf(proxy)))
      : this.#agent("tunnelled", () => new TunnelledConnections(tunnelsOf(proxy)));
  }

  #toProxy(proxy: URL): Agent {
    return this.#agent("to proxy", () => connectionsTo(proxy));
  }

  #agent(way: string, make: () => Agent): Agent {
    const agent = this.#agents.get(way) ?? make();
    this.#agents.set(way, agent);
    if (this.#isClosed) retire(agent);
    return agent;
  }
}

function isSocks({ protocol }: URL): boolean {
  return protocol.startsWith("socks");
}

function tunnelsOf(proxy: URL): OpenTunnel {
  if (isSocks(proxy)) return (to, done) => socksTunnel(proxy, to, done);
  const agent = connectionsTo(proxy);
  return (to, done) => tunnel({ proxy, agent, to }, done);
}

/** The authorities that are given are for mirrors, not for proxies. */
function connectionsTo({ protocol }: URL): Agent {
  return protocol === "https:" ? new TlsConnections({}) : new PlainConnections();
}

function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
}
