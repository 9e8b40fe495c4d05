import type { Receiver } from "../../peers/Peer.js";
import type { Tls } from "./connections.js";
import { DirectConnection } from "./DirectConnection.js";
import type { DirectLane, DirectRequest } from "./DirectLane.js";

/** The direct lane on sockets of Node: connections by origin, kept for the next request, the one that was used last first. */
export class NodeDirectLane implements DirectLane {
  readonly #tls: Tls;
  readonly #free = new Map<string, DirectConnection[]>();
  #isClosed = false;

  constructor(tls: Tls) {
    this.#tls = tls;
  }

  read(request: DirectRequest, receiver: Receiver): () => void {
    const url = new URL(request.url);
    const resting = this.#free.get(url.origin)?.pop();
    if (resting === undefined) return this.#dial(url).ask(request, receiver);
    // That the server closed it meanwhile says nothing of the request: a new connection does.
    let giveUp = resting.ask(request, receiver, () => (giveUp = this.#dial(url).ask(request, receiver)));
    return () => giveUp();
  }

  /** Drops the connections that rest, and each other one when its request has ended. */
  close(): void {
    this.#isClosed = true;
    const all = [...this.#free.values()].flat();
    this.#free.clear();
    for (const connection of all) connection.drop();
  }

  #dial(url: URL): DirectConnection {
    return new DirectConnection(url, this.#tls, {
      onFree: (connection) => this.#rest(url.origin, connection),
      onClosed: (connection) => this.#forget(url.origin, connection),
    });
  }

  #rest(origin: string, connection: DirectConnection): void {
    if (this.#isClosed) connection.drop();
    else this.#free.set(origin, [...(this.#free.get(origin) ?? []), connection]);
  }

  #forget(origin: string, connection: DirectConnection): void {
    const left = this.#free.get(origin)?.filter((one) => one !== connection);
    if (left !== undefined) this.#free.set(origin, left);
  }
}
