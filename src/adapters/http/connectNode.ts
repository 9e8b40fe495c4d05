import { checkOptions } from "../../../operators/checkOptions.js";
import { authorityShape } from "../../protocol/accessShapes.js";
import { catchError, defer, type Observable, throwError } from "rxjs";
import { Authorities, type Tls } from "../network/Authorities.js";
import { anywhere, publicOnly as publicReach, type Reach } from "../network/Reach.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpLine, ConnectHttp } from "./HttpLine.js";
import type { HttpRequest } from "./HttpRequest.js";
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
  /** Certificate authorities, PEM, in place of Node's and the system's: see `Authorities`. @default Node's and the system's */
  readonly ca?: string | readonly string[] | undefined;
}

/**
 * Connections by `node:http` and `node:https`, through the proxies that the environment names: see `environmentProxies`. Connections are kept alive for the
 * next request, and no time is limited but that of dialling, 10 s: how long an answer may take is for the download to say. Making a peer throws a TypeError
 * when the address of a proxy is none.
 */
export function connectNode(config: ConnectNodeConfig = {}): ConnectHttp {
  checkOptions("connectNode", config, { ca: authorityShape });
  const { ca } = config;
  const authorities = new Authorities(ca, process.env);
  return ({ publicOnly = false } = {}) =>
    new NodeLine(authorities, environmentProxies(process.env), publicOnly ? publicReach : anywhere);
}

/** The connections of a line until it is renewed. */
interface Roads {
  readonly tls: Tls;
  readonly farewells: Farewells;
  readonly ways: NodeWays;
  readonly lane: NodeDirectLane;
}

class NodeLine implements HttpLine {
  readonly #authorities: Authorities;
  readonly #proxyFor: ProxyFor;
  readonly #reach: Reach;
  readonly #bytes = new LaneBytes();
  #roads: Roads;

  constructor(authorities: Authorities, proxyFor: ProxyFor, reach: Reach) {
    this.#authorities = authorities;
    this.#proxyFor = proxyFor;
    this.#reach = reach;
    this.#roads = this.#open();
  }

  readonly direct: DirectLane = { read: (request, receiver) => this.#roads.lane.read(request, receiver) };

  send(request: HttpRequest): Observable<HttpAnswer> {
    this.#bytes.asks(request.url);
    return defer(() => {
      this.#reach.check(request.url, request.peer);
      const { ways, tls } = this.#roads;
      const answer = exchange(request, ways, this.#bytes.countOrdinary);
      const sent = ways.isProxied(request.url) ? answer : answer.pipe(orDirectly(request, this.direct));
      return sent.pipe(
        catchError((error: unknown) => {
          if (!this.#authorities.know(error, tls)) return throwError(() => error);
          if (this.#roads.tls === tls) this.renew();
          return this.send(request);
        }),
      );
    });
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
    const { tls } = this.#authorities;
    const { dialling } = this.#reach;
    const farewells = new Farewells();
    const ways: NodeWays = new NodeWays({
      ...{ tls, dialling, proxyFor: this.#proxyFor },
      makeRoom: (origin, dial) => farewells.before(origin, lane.endResting(origin), dial),
    });
    const lane = new NodeDirectLane({
      ...{ tls, dialling },
      makeRoom: (origin, dial) => farewells.before(origin, ways.endResting(origin), dial),
      count: this.#bytes.countDirect,
    });
    return { tls, farewells, ways, lane };
  }

  #leave(): void {
    const { farewells, ways, lane } = this.#roads;
    ways.close();
    lane.close();
    farewells.close();
  }
}
