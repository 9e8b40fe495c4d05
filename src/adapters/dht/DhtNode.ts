import { networkInterfaces } from "node:os";
import { defer, finalize, map, type Observable, ReplaySubject, share, switchMap } from "rxjs";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { HearSearch } from "../../peers/SearchNews.js";
import type { AnnouncedEvent } from "../../seeder/Announcer.js";
import { isPrivateAddress } from "../network/isPrivate.js";
import { rootKey } from "../network/rootKey.js";
import { type DhtOptions, type NamedNode, type ResolvedDhtOptions, resolveDhtOptions } from "./DhtOptions.js";
import { keepListed } from "./keepListed.js";
import { listedPeers } from "./listedPeers.js";
import { type OpenTable, openTable } from "./openTable.js";
import { whileListed } from "./whileListed.js";

/**
 * A node of the DHT of BitTorrent (BEP 5), for all lookups and announcements of a program:
 *
 *     const node = new DhtNode();
 *     downloadFile(root, { findPeers: (root, hear) => node.peers(root, hear) });
 *     serveFiles("film.mkv", { host: "0.0.0.0", announce: (port, roots) => node.announce(port, roots) });
 *
 * Its socket is open while any of them is subscribed, and answers what other nodes ask.
 */
export class DhtNode {
  readonly #options: ResolvedDhtOptions;
  readonly #table: Observable<OpenTable>;
  /** The ports that are announced, by how often. */
  readonly #ports = new Map<number, number>();

  /** @throws TypeError or RangeError that names the wrong option; TypeError for an address that the nodes cannot reach. */
  constructor(options: DhtOptions = {}) {
    this.#options = resolveDhtOptions(options);
    this.#table = openTable(this.#options).pipe(share({ connector: () => new ReplaySubject(1) }));
  }

  /**
   * The seeders of a file as the table lists them. Emits the whole list when it changes, and looks again, every half minute for the first five minutes and
   * until somebody was found, then every five minutes. At most a hundred; of a public table none at a private address; never what this node itself announces.
   *
   * Errors with `LOCAL_IO` when the port cannot be had or the package `bittorrent-dht` is not installed; a table in which nobody answers is an empty one.
   * `hear` is told after each lookup what it has come to.
   */
  peers(root: string, hear: HearSearch = () => undefined): Observable<readonly NamedAddress[]> {
    const { scheduler } = this.#options;
    return this.#table.pipe(
      switchMap((table) =>
        listedPeers(table, rootKey(root), { mayAsk: (place) => this.#mayAsk(place, table), hear, scheduler }),
      ),
    );
  }

  /**
   * Lists this machine as a seeder of files, by a port and the address that the nodes see, each file for as long as its root is in the set, again every ten
   * minutes. The table forgets by itself. Errors as `peers` does.
   */
  announce(port: number, roots: Observable<ReadonlySet<string>>): Observable<AnnouncedEvent> {
    const { scheduler } = this.#options;
    return defer(() => {
      this.#ports.set(port, (this.#ports.get(port) ?? 0) + 1);
      const listed = (table: OpenTable, root: string): Observable<AnnouncedEvent> =>
        keepListed(table, rootKey(root), port, scheduler).pipe(
          map((taken) => ({ type: "announced", by: "dht", root, ...taken })),
        );
      return this.#table.pipe(
        switchMap((table) => roots.pipe(whileListed((root) => listed(table, root)))),
        finalize(() => this.#forget(port)),
      );
    });
  }

  #forget(port: number): void {
    const left = (this.#ports.get(port) ?? 0) - 1;
    if (left > 0) this.#ports.set(port, left);
    else this.#ports.delete(port);
  }

  #mayAsk({ host, port }: NamedNode, { isPrivate }: OpenTable): boolean {
    if (!isPrivate && isPrivateAddress(host)) return false;
    return !(this.#ports.has(port) && this.#isHere(host));
  }

  #isHere(address: string): boolean {
    if (address === this.#options.host) return true;
    const interfaces = Object.values(networkInterfaces()).flat();
    return interfaces.some((each) => each?.address === address);
  }
}

/** The seeders of a file as the DHT lists them: `new DhtNode(options).peers(root)`. */
export function dhtPeers(root: string, options: DhtOptions = {}): Observable<readonly NamedAddress[]> {
  return new DhtNode(options).peers(root);
}
