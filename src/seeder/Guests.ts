import type { ResolvedSeederConfig } from "./SeederConfig.js";

/** A client as the door sees it. */
export interface Guest {
  /** The client's address without the port. */
  readonly host: string;
  /** How long it has been asking for nothing, ms; 0 while it is being answered. */
  readonly idleMs: number;
  /** Ends its connection, so that another client may come. */
  makeRoom(): void;
}

/** Between two requests a client is not idle. */
const graceMs = 5000;

/** The clients of a seeder. When there are as many as may be, in all or of one address, the one that has been idle for longest makes room. */
export class Guests {
  readonly #most: Pick<ResolvedSeederConfig, "maxConnections" | "maxConnectionsPerAddress">;
  readonly #present = new Set<Guest>();

  constructor(most: Pick<ResolvedSeederConfig, "maxConnections" | "maxConnectionsPerAddress">) {
    this.#most = most;
  }

  /** Lets one more come from there, if need be in the place of an idle one; or says why none may. */
  admit(host: string): string | undefined {
    const { maxConnections, maxConnectionsPerAddress } = this.#most;
    const all = [...this.#present];
    const neighbours = all.filter((guest) => guest.host === host);
    if (neighbours.length >= maxConnectionsPerAddress && !makeRoom(neighbours)) {
      return `more than ${maxConnectionsPerAddress} connections from ${host}`;
    }
    if (this.#present.size >= maxConnections && !makeRoom(all)) return `more than ${maxConnections} connections`;
    return undefined;
  }

  enter(guest: Guest): void {
    this.#present.add(guest);
  }

  leave(guest: Guest): void {
    this.#present.delete(guest);
  }
}

function makeRoom(guests: readonly Guest[]): boolean {
  const [longest] = guests.filter(({ idleMs }) => idleMs >= graceMs).sort((a, b) => b.idleMs - a.idleMs);
  longest?.makeRoom();
  return longest !== undefined;
}
