import type DHT from "bittorrent-dht";
import {
  defaultIfEmpty,
  defer,
  forkJoin,
  map,
  Observable,
  type SchedulerLike,
  switchMap,
  takeUntil,
  tap,
  timer,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { listenFailure } from "../../errors/listenFailure.js";
import { notInstalled } from "../../errors/notInstalled.js";
import { GuardedSocket } from "../network/GuardedSocket.js";
import { isPrivateAddress } from "../network/isPrivate.js";
import type { NamedNode, ResolvedDhtOptions } from "./DhtOptions.js";
import { namedNodes } from "./NamedNodes.js";
import { Turns } from "./Turns.js";

/** A dead node costs two seconds, and there may be some on each way. */
const limitMs = 20_000;
const mostAtOnce = 4;
/** Addresses that one node is believed in one lookup. */
const mostOfOne = 25;
/** How long an announcement of somebody else is kept, which is made again every ten minutes or so, ms. */
const keptMs = 40 * 60_000;

/** The table, as an open node has it. */
export interface OpenTable {
  /** True when the table is of this machine or a private network. */
  readonly isPrivate: boolean;
  /** Words for why no node answers, when none does. */
  whySilent(): string;
  /**
   * The addresses that are listed under a key, as they are told, some of them again; ends after twenty seconds at most, and says then whether any node
   * answered.
   */
  lookup(key: Uint8Array, ended: (isAnswered: boolean) => void): Observable<NamedNode>;
  /** Lists a port of this machine under a key; emits how many nodes took it, and where none did within the time, why. */
  announce(key: Uint8Array, port: number): Observable<Taken>;
}

/** The outcome of an announcement. */
export interface Taken {
  /** Nodes that took it. */
  readonly nodes: number;
  /** Words for why there are none. */
  readonly message?: string;
}

/** Opens a node, and emits it when its port is taken; unsubscribing closes it and its socket. Errors with `LOCAL_IO`. */
export function openTable({ bootstrap: named, host, port, scheduler }: ResolvedDhtOptions): Observable<OpenTable> {
  return forkJoin({ library: defer(loadLibrary), entries: namedNodes(named, scheduler) }).pipe(
    switchMap(
      ({ library: Table, entries }) =>
        new Observable<OpenTable>((subscriber) => {
          const { places: bootstrap, isPrivate } = entries;
          const meets = (address: string): boolean => isPrivate || !isPrivateAddress(address);
          const socket = new GuardedSocket({ hears: meets, sendsTo: meets });
          let table: DHT | undefined;
          const open = (): void => {
            const bounds = { maxAge: keptMs, maxPeers: 1000, maxValues: 1 };
            table = new Table({ ...bounds, ...(bootstrap && { bootstrap }), socket });
            table.setMaxListeners(0);
            table.on("error", (error: Error) => subscriber.error(noPort(error)));
            socket.emit("listening"); // for the library, which was not there yet
            const whySilent = (): string => entries.whySilent(socket.sending);
            subscriber.next(tableOf(table, { isPrivate, whySilent, scheduler }));
          };
          const noPort = (cause: Error): DownloadError =>
            new DownloadError("LOCAL_IO", `${listenFailure(host, port, cause)} (UDP, for the DHT)`, { cause });
          socket.once("error", (error: Error) => subscriber.error(noPort(error)));
          socket.bind(port, host, open);
          return () => (table === undefined ? socket.close() : table.destroy());
        }),
    ),
  );
}

/** The node that told an address; the node itself has none. */
interface Teller {
  readonly address: string;
  readonly port: number;
}

interface TableConfig {
  readonly isPrivate: boolean;
  readonly whySilent: () => string;
  readonly scheduler: SchedulerLike;
}

function tableOf(table: DHT, { isPrivate, whySilent, scheduler }: TableConfig): OpenTable {
  const turns = new Turns(mostAtOnce);
  const inTime = <T>(work: Observable<T>): Observable<T> =>
    turns.take(defer(() => work.pipe(takeUntil(timer(limitMs, scheduler)))));
  // A search whose time is over goes by whom the table has heard at all.
  const isHeard = (): boolean => table.nodes.toArray().length > 0;
  // The library counts answers, of which one node may give two (bittorrent-dht 11.0.12; its README says nodes that had peers:
  // findings/bittorrent-dht-lookup-count.sh).
  const search = (key: Uint8Array, done: (isAnswered: boolean) => void): (() => void) =>
    table.lookup(key, (error, answers = 0) => done(error === null && answers > 0));
  const lookup = (key: Uint8Array, ended: (isAnswered: boolean) => void): Observable<NamedNode> =>
    defer(() => {
      let isAnswered: boolean | undefined;
      return inTime(
        new Observable<NamedNode>((subscriber) => {
          const told = new Map<string, number>();
          const hear = (place: NamedNode, of: Uint8Array, from: Teller | null): void => {
            if (Buffer.compare(of, key) !== 0) return;
            const teller = from === null ? "" : `${from.address}:${from.port}`;
            const count = (told.get(teller) ?? 0) + 1;
            told.set(teller, count);
            if (count <= mostOfOne) subscriber.next(place);
          };
          table.on("peer", hear);
          const stop = search(key, (any) => {
            isAnswered = any;
            subscriber.complete();
          });
          return () => {
            table.off("peer", hear);
            stop();
          };
        }),
      ).pipe(tap({ complete: () => ended(isAnswered ?? isHeard()) }));
    });
  const taken = (nodes: number, isAnswered: boolean): Taken => {
    if (nodes > 0) return { nodes };
    return { nodes, message: isAnswered ? "nodes of the DHT answer, and none took it" : whySilent() };
  };
  const announce = (key: Uint8Array, port: number): Observable<Taken> =>
    defer(() =>
      inTime(
        new Observable<Taken>((subscriber) =>
          // Where a lookup found nobody, the library tells everybody who announces within five minutes that there is nobody.
          search(key, (isAnswered) => {
            if (subscriber.closed) return;
            table.announce(key, port, (error, nodes = 0) => {
              subscriber.next(taken(error === null ? nodes : 0, isAnswered));
              subscriber.complete();
            });
          }),
        ),
      ).pipe(defaultIfEmpty(undefined)),
    ).pipe(map((told) => told ?? taken(0, isHeard())));
  return { isPrivate, whySilent, lookup, announce };
}

async function loadLibrary(): Promise<typeof DHT> {
  try {
    return (await import("bittorrent-dht")).default;
  } catch (thrown) {
    throw notInstalled("The DHT", "bittorrent-dht", thrown);
  }
}
