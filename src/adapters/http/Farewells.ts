import type { Socket } from "node:net";
import { filter, Subject, take } from "rxjs";

const waitMs = 1000;

/** Has the other ways to an origin give up the connections that rest there, then dials. The result gives that up. */
export type MakeRoom = (origin: string, dial: () => void) => () => void;

/**
 * Connections that were ended at rest, by origin, until their servers have let go of them, 1 s at most. A server that takes so many connections and no more
 * counts those, too, so whoever dials there waits for them.
 */
export class Farewells {
  readonly #leaving = new Map<string, Set<Socket>>();
  readonly #gone = new Subject<string>();

  /** Dials when these, which were ended, and all that were ended before them are gone; at once where there are none. The result gives that up. */
  before(origin: string, ended: readonly Socket[], dial: () => void): () => void {
    for (const socket of ended) this.#watch(origin, socket);
    if (!this.#leaving.has(origin)) {
      dial();
      return () => undefined;
    }
    const ofTheOrigin = this.#gone.pipe(
      filter((gone) => gone === origin),
      take(1),
    );
    const waiting = ofTheOrigin.subscribe(dial);
    return () => waiting.unsubscribe();
  }

  /** Drops those that are left. */
  close(): void {
    for (const sockets of [...this.#leaving.values()]) for (const socket of sockets) socket.destroy();
  }

  #watch(origin: string, socket: Socket): void {
    if (socket.destroyed) return;
    const leaving = this.#leaving.get(origin) ?? new Set();
    this.#leaving.set(origin, leaving.add(socket));
    const late = setTimeout(() => socket.destroy(), waitMs);
    socket.once("close", () => {
      clearTimeout(late);
      leaving.delete(socket);
      if (leaving.size > 0) return;
      this.#leaving.delete(origin);
      this.#gone.next(origin);
    });
  }
}
