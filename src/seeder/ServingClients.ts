import { filter, map, type Observable, Subject } from "rxjs";
import type { Scope } from "../protocol/Scope.js";

/** Where a client serves a file itself: its address as its connection shows it, and the port that it told. */
export interface ServingClient {
  /** `ws://IP:port` or `wss://IP:port`. */
  readonly place: string;
  /** The IP address. */
  readonly address: string;
  readonly scope: Scope;
}

/** Bounds of what is remembered of one file. */
export const servingLimits = { places: 500, placesOfAddress: 16, rememberedMs: 600_000 } as const;

interface Entry extends ServingClient {
  /** Connections that stand whose client said so. */
  readonly connections: Set<object>;
  /** When it is forgotten, once no connection stands. */
  untilMs: number;
}

/**
 * The clients of a seeder that serve a file themselves, by its root, as they said: while their connection stands, and for ten minutes more, because a client
 * that gets its bytes elsewhere lets go of the connection. Bounded for each file and, of these, for each address; the oldest go first.
 */
export class ServingClients {
  readonly #byRoot = new Map<string, Map<string, Entry>>();
  /** Entries of all files without a connection, by root and place, the first to be forgotten first: also of files that nobody asks for any more. */
  readonly #leaving = new Map<string, { readonly root: string; readonly entry: Entry }>();
  readonly #news = new Subject<{ readonly root: string; readonly place: string }>();

  /** The client of a connection serves a file. */
  add(root: string, client: ServingClient, connection: object): void {
    const entries = this.#byRoot.get(root) ?? new Map<string, Entry>();
    const before = entries.get(client.place);
    this.#byRoot.set(root, entries);
    entries.delete(client.place);
    this.#leaving.delete(keyOf(root, client.place));
    if (before === undefined) this.#makeRoom(root, entries, client);
    const connections = before?.connections ?? new Set();
    const isNew = connections.size === 0;
    connections.add(connection);
    entries.set(client.place, { ...client, connections, untilMs: Infinity });
    if (isNew) this.#news.next({ root, place: client.place });
  }

  /** A connection has ended whose client serves a file. */
  left(root: string, place: string, connection: object, now: number): void {
    const entry = this.#byRoot.get(root)?.get(place);
    if (entry?.connections.delete(connection) === true && entry.connections.size === 0) {
      entry.untilMs = now + servingLimits.rememberedMs;
      this.#leaving.set(keyOf(root, place), { root, entry });
    }
    this.#sweep(now);
  }

  /** A client has said that it serves a file no more; who said the same over another connection still does. */
  remove(root: string, place: string, connection: object): void {
    const entry = this.#byRoot.get(root)?.get(place);
    if (entry?.connections.delete(connection) === true && entry.connections.size === 0) this.#forget(root, place);
  }

  #forget(root: string, place: string): void {
    const entries = this.#byRoot.get(root);
    entries?.delete(place);
    this.#leaving.delete(keyOf(root, place));
    if (entries?.size === 0) this.#byRoot.delete(root);
  }

  /** The clients that serve a file, the newest last. */
  of(root: string, now: number): readonly ServingClient[] {
    this.#sweep(now);
    return [...(this.#byRoot.get(root)?.values() ?? [])];
  }

  /** Emits the place of a client when it says that it serves a file, and no other connection stands that said so. */
  news(root: string): Observable<string> {
    return this.#news.pipe(
      filter((changed) => changed.root === root),
      map(({ place }) => place),
    );
  }

  /** How many are remembered now, of all files. @internal */
  get size(): number {
    return [...this.#byRoot.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Forgets all whose time is over. */
  #sweep(now: number): void {
    for (const { root, entry } of this.#leaving.values()) {
      if (entry.untilMs > now) return;
      this.#forget(root, entry.place);
    }
  }

  #makeRoom(root: string, entries: Map<string, Entry>, { address }: ServingClient): void {
    const all = [...entries.values()];
    const neighbours = all.filter((entry) => entry.address === address);
    const crowded = neighbours.length >= servingLimits.placesOfAddress ? neighbours : all;
    if (crowded === all && all.length < servingLimits.places) return;
    const [oldest] = [...crowded.filter(({ connections }) => connections.size === 0), ...crowded];
    if (oldest === undefined) return;
    entries.delete(oldest.place);
    this.#leaving.delete(keyOf(root, oldest.place));
  }
}

function keyOf(root: string, place: string): string {
  return `${root} ${place}`;
}
