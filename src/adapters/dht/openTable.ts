import type DHT from "bittorrent-dht";
import dns from "node:dns/promises";
import { isIP } from "node:net";
import { defaultIfEmpty, defer, Observable, type SchedulerLike, switchMap, takeUntil, timer } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { notInstalled } from "../../errors/notInstalled.js";
import { GuardedSocket } from "../network/GuardedSocket.js";
import { isPrivate, isPrivateAddress } from "../network/isPrivate.js";
import type { NamedNode, ResolvedDhtOptions } from "./DhtOptions.js";
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
  /** The addresses that are listed under a key, as they are told, some of them again; ends after twenty seconds at most. */
  lookup(key: Uint8Array): Observable<NamedNode>;
  /** Lists a port of this machine under a key; emits how many nodes took it, 0 when none did within the time. */
  announce(key: Uint8Array, port: number): Observable<number>;
}

/** Opens a node, and emits it when its port is taken; unsubscribing closes it and its socket. Errors with `LOCAL_IO`. */
export function openTable({ bootstrap: named, host, port, scheduler }: ResolvedDhtOptions): Observable<OpenTable> {
  return defer(async () => {
    const [library, bootstrap] = await Promise.all([loadLibrary(), named && Promise.all(named.map(resolved))]);
    return { library, bootstrap };
  }).pipe(
    switchMap(
      ({ library: Table, bootstrap }) =>
        new Observable<OpenTable>((subscriber) => {
          const isOurs = bootstrap?.every((node) => isPrivate(`udp://${node.host}`)) === true;
          const meets = (address: string): boolean => isOurs || !isPrivateAddress(address);
          const socket = new GuardedSocket({ hears: meets, sendsTo: meets });
          let table: DHT | undefined;
          const open = (): void => {
            const bounds = { maxAge: keptMs, maxPeers: 1000, maxValues: 1 };
            table = new Table({ ...bounds, ...(bootstrap && { bootstrap }), socket });
            table.setMaxListeners(0);
            table.on("error", (error: unknown) => subscriber.error(noPort(error)));
            socket.emit("listening"); // for the library, which was not there yet
            subscriber.next(tableOf(table, isOurs, scheduler));
          };
          const noPort = (thrown: unknown): DownloadError => {
            const why = thrown instanceof Error ? thrown.message : String(thrown);
            return new DownloadError("LOCAL_IO", `UDP port ${port} of ${host}, for the DHT, cannot be had: ${why}`);
          };
          socket.once("error", (error) => subscriber.error(noPort(error)));
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

function tableOf(table: DHT, isPrivate: boolean, scheduler: SchedulerLike): OpenTable {
  const turns = new Turns(mostAtOnce);
  const inTime = <T>(work: Observable<T>): Observable<T> =>
    turns.take(defer(() => work.pipe(takeUntil(timer(limitMs, scheduler)))));
  const search = (key: Uint8Array, done: () => void): (() => void) => table.lookup(key, done);
  return {
    isPrivate,
    lookup: (key) =>
      inTime(
        new Observable((subscriber) => {
          const told = new Map<string, number>();
          const hear = (place: NamedNode, of: Uint8Array, from: Teller | null): void => {
            if (Buffer.compare(of, key) !== 0) return;
            const teller = from === null ? "" : `${from.address}:${from.port}`;
            const count = (told.get(teller) ?? 0) + 1;
            told.set(teller, count);
            if (count <= mostOfOne) subscriber.next(place);
          };
          table.on("peer", hear);
          const stop = search(key, () => subscriber.complete());
          return () => {
            table.off("peer", hear);
            stop();
          };
        }),
      ),
    announce: (key, port) =>
      inTime(
        new Observable<number>((subscriber) =>
          // Where a lookup found nobody, the library tells everybody who announces within five minutes that there is nobody.
          search(key, () => {
            if (subscriber.closed) return;
            table.announce(key, port, (error, nodes = 0) => {
              subscriber.next(error === null ? nodes : 0);
              subscriber.complete();
            });
          }),
        ),
      ).pipe(defaultIfEmpty(0)),
  };
}

async function loadLibrary(): Promise<typeof DHT> {
  try {
    return (await import("bittorrent-dht")).default;
  } catch (thrown) {
    throw notInstalled("The DHT", "bittorrent-dht", thrown);
  }
}

/** The node by its IPv4 address, which is all that the table knows of; by its name where that leads nowhere now. */
async function resolved({ host, port }: NamedNode): Promise<NamedNode> {
  if (isIP(host) !== 0) return { host, port };
  try {
    return { host: (await dns.lookup(host, { family: 4 })).address, port };
  } catch {
    // The library asks again, each time that it needs the node.
    return { host, port };
  }
}
