import dns from "node:dns/promises";
import { isIP } from "node:net";
import { catchError, forkJoin, from, map, type Observable, of, type SchedulerLike, timeout } from "rxjs";
import { connectionWords } from "../../errors/connectionWords.js";
import { isPrivate, isPrivateAddress } from "../network/isPrivate.js";
import type { NamedNode } from "./DhtOptions.js";

/** Name servers that say nothing are waited for no longer, ms. */
const limitMs = 5000;

interface LookedUp extends NamedNode {
  readonly named: string;
  /** Why its name leads nowhere. */
  readonly trouble?: string;
}

/**
 * The nodes by which a table is entered, by their IPv4 addresses, which are all that it knows of. A name that leads nowhere now stays one: the library asks
 * again, each time that it needs the node.
 */
export class NamedNodes {
  readonly #nodes: readonly LookedUp[];
  /** True when the table is of this machine or a private network: all of its nodes are. */
  readonly isPrivate: boolean;

  constructor(nodes: readonly LookedUp[]) {
    this.#nodes = nodes;
    this.isPrivate = nodes.length > 0 && nodes.every(({ host }) => isPrivate(`udp://${host}`));
  }

  /** As the library takes them; nothing where its own are used. */
  get places(): readonly NamedNode[] | undefined {
    return this.#nodes.length === 0 ? undefined : this.#nodes.map(({ host, port }) => ({ host, port }));
  }

  /** Words for why none of them answers. `sending` is the error of what was sent last, if it could not be sent. */
  whySilent(sending: Error | undefined): string {
    const usual = sending === undefined ? "no answer" : connectionWords(sending).text;
    if (this.#nodes.length === 0)
      return `no node of the DHT answers (the public ones: ${usual}); expected a network that lets UDP out, or a node of one's own by which the table is entered`;
    const all = this.#nodes.map((node) => `${node.named}: ${this.#troubleOf(node) ?? usual}`);
    return `no node of the DHT answers (${all.join(", ")}); expected one that runs and that UDP reaches`;
  }

  #troubleOf({ host, trouble }: LookedUp): string | undefined {
    if (trouble !== undefined) return trouble;
    if (this.isPrivate || !isPrivateAddress(host)) return undefined;
    return "a private address, which is asked where all nodes have such ones";
  }
}

/** Looks the names of nodes up, side by side, for five seconds at most. */
export function namedNodes(nodes: readonly NamedNode[] | undefined, scheduler: SchedulerLike): Observable<NamedNodes> {
  if (nodes === undefined) return of(new NamedNodes([]));
  return forkJoin(nodes.map((node) => lookedUp(node, scheduler))).pipe(map((all) => new NamedNodes(all)));
}

function lookedUp({ host, port }: NamedNode, scheduler: SchedulerLike): Observable<LookedUp> {
  const named = `${host}:${port}`;
  if (isIP(host) !== 0) return of({ host, port, named });
  return from(dns.lookup(host, { family: 4 })).pipe(
    timeout({ first: limitMs, scheduler }),
    map(({ address }) => ({ host: address, port, named })),
    catchError((thrown: unknown) => {
      const isLate = thrown instanceof Error && thrown.name === "TimeoutError";
      const trouble = isLate ? `its name was not looked up within ${limitMs / 1000} s` : wordsOf(thrown);
      return of({ host, port, named, trouble });
    }),
  );
}

const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? connectionWords(thrown).text : String(thrown));
