import type { Socket } from "node:net";
import { toDownloadError } from "../../errors/toDownloadError.js";
import type { Receiver } from "../../peers/Peer.js";
import type { Tls } from "../network/Authorities.js";
import type { Reach } from "../network/Reach.js";
import { DirectConnection } from "./DirectConnection.js";
import type { DirectLane, DirectRequest } from "./DirectLane.js";
import type { MakeRoom } from "./Farewells.js";

interface NodeDirectLaneParts extends Pick<Reach, "dialling"> {
  readonly tls: Tls;
  readonly makeRoom: MakeRoom;
  /** Told of bytes of bodies, as they come. */
  readonly count: (bytes: number) => void;
}

/** The direct lane on sockets of Node: connections by origin, kept for the next request, the one that was used last first. */
export class NodeDirectLane implements DirectLane {
  readonly #parts: NodeDirectLaneParts;
  readonly #free = new Map<string, DirectConnection[]>();
  #isClosed = false;

  constructor(parts: NodeDirectLaneParts) {
    this.#parts = parts;
  }

  read(request: DirectRequest, receiver: Receiver): () => void {
    const url = new URL(request.url);
    const resting = this.#free.get(url.origin)?.pop();
    if (resting === undefined) return this.#dial(url, request, receiver);
    // That the server closed it meanwhile, or takes no more on it, says nothing of the request: a new connection does.
    let giveUp = resting.ask(request, receiver, () => (giveUp = this.#dial(url, request, receiver)));
    return () => giveUp();
  }

  /** Ends the connections to an origin that rest, and no request takes any more. */
  endResting(origin: string): readonly Socket[] {
    const resting = this.#free.get(origin) ?? [];
    this.#free.delete(origin);
    return resting.map((connection) => connection.end());
  }

  /** Drops the connections that rest, and each other one when its request has ended. */
  close(): void {
    this.#isClosed = true;
    const all = [...this.#free.values()].flat();
    this.#free.clear();
    for (const connection of all) connection.drop();
  }

  #dial(url: URL, request: DirectRequest, receiver: Receiver): () => void {
    let giveUp: (() => void) | undefined;
    const leave = this.#parts.makeRoom(url.origin, () => {
      try {
        giveUp = this.#connection(url).ask(request, receiver);
      } catch (error) {
        receiver.fail(toDownloadError(error, { peer: request.peer }));
      }
    });
    giveUp ??= leave;
    return () => giveUp?.();
  }

  #connection(url: URL): DirectConnection {
    const { tls, dialling, count } = this.#parts;
    return new DirectConnection(
      url,
      { ...tls, ...dialling },
      {
        count,
        onFree: (connection) => this.#rest(url.origin, connection),
        onClosed: (connection) => this.#forget(url.origin, connection),
      },
    );
  }

  #rest(origin: string, connection: DirectConnection): void {
    if (this.#isClosed) connection.drop();
    else this.#free.set(origin, [...(this.#free.get(origin) ?? []), connection]);
  }

  #forget(origin: string, connection: DirectConnection): void {
    const left = this.#free.get(origin)?.filter((one) => one !== connection) ?? [];
    if (left.length > 0) this.#free.set(origin, left);
    else this.#free.delete(origin);
  }
}
