import type { Observable } from "rxjs";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpLine, ConnectHttp } from "./HttpLine.js";
import type { HttpRequest } from "./HttpRequest.js";
import type { Tls } from "./connections.js";
import { environmentProxies, type ProxyFor } from "./environmentProxies.js";
import type { DirectLane } from "./DirectLane.js";
import { Farewells } from "./Farewells.js";
import { LaneBytes } from "./LaneBytes.js";
import { exchange } from "./NodeExchange.js";
import { NodeDirectLane } from "./NodeDirectLane.js";
import { NodeWays } from "./NodeWays.js";
import { orDirectly } from "./orDirectly.js";

/** How to trust `https://` mirrors. */
export interface ConnectNodeConfig {
  /** Certificate authorities, PEM, in place of the system's. */
  readonly ca?: string | readonly string[];
}

/**
 * Connections by `node:http` and `node:https`, through the proxies that the environment names: see `environmentProxies`. Connections are kept alive for the next request, and no time is limited but that of dialling, 10 s: how long an
 * answer may take is for the download to say. Making a peer throws a TypeError when the address of a proxy is none.
 */
export function connectNode({ ca }: ConnectNodeConfig = {}): ConnectHttp {
  const tls = ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] };
  return () => new NodeLine(tls, environmentProxies(process.env));
}

/** The connections of a line until it is renewed. */
interface Roads {
  readonly ways: NodeWays;
  readonly lane: NodeDirectLane;
}

class NodeLine implements HttpLine {
  readonly #tls: Tls;
  readonly #proxyFor: ProxyFor;
  readonly #bytes = new LaneBytes();
  #roads: Roads;

  constructor(tls: Tls, proxyFor: ProxyFor) {
    this.#tls = tls;
    this.#proxyFor = proxyFor;
    this.#roads = this.#open();
  }

  readonly direct: DirectLane = { read: (request, receiver) => this.#roads.lane.read(request, receiver) };

  send(request: HttpRequest): Observable<HttpAnswer> {
    this.#bytes.asks(request.url);
    const { ways } = this.#roads;
    const answer = exchange(request, ways, this.#bytes.countOrdinary);
    return ways.isProxied(request.url) ? answer : answer.pipe(orDirectly(request, this.direct));
  }

  renew(): void {
    this.#leave();
    this.#roads = this.#open();
  }

  close(): void {
    this.#leave();
    this.#bytes.tell();
  }

  /** Neither way dials while connections to the same origin rest on the other one: to the server that takes so many, they are all ours. */
  #open(): Roads {
    const farewells = new Farewells();
    const ways: NodeWays = new NodeWays(this.#tls, this.#proxyFor, (origin, dial) =>
      farewells.before(origin, lane.endResting(origin), dial),
    );
    const lane = new NodeDirectLane({
      tls: this.#tls,
      makeRoom: (origin, dial) => farewells.before(origin, ways.endResting(origin), dial),
      count: this.#bytes.countDirect,
    });
    return { ways, lane };
  }

  #leave(): void {
    this.#roads.ways.close();
    this.#roads.lane.close();
  }
}
