import { defer, EMPTY, exhaustMap, expand, startWith, Subscription, tap, timer } from "rxjs";
import { sampleOf } from "../protocol/sampleOf.js";
import { DownloadError } from "../errors/DownloadError.js";
import { encodeMessage } from "../protocol/codec.js";
import { ipPlace } from "../protocol/ipPlace.js";
import type { Serving } from "../protocol/messages.js";
import { maxPlaces } from "../protocol/protocol.js";
import { isOfUse, type Scope } from "../protocol/Scope.js";
import type { SourceLookup } from "./ByteSource.js";
import type { Connection } from "./Connection.js";
import type { Outbox } from "./Outbox.js";
import type { ResolvedSeederConfig } from "./SeederConfig.js";
import type { ServingClients } from "./ServingClients.js";

/** Waits before the first message of a file, in which others may come, and between one and the next, ms. */
const firstMs = 1000;
const nextMs = 60_000;
/** Messages of what a client serves, on one connection. */
const mostServings = 256;

export interface IntroductionsParts {
  readonly sources: SourceLookup;
  readonly clients: ServingClients;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly config: ResolvedSeederConfig;
}

/**
 * Peer exchange with one client: takes in where it serves files itself, and tells it of the others that serve a file that it asked for or serves. Each place is
 * told once a connection, never the client's own, and none that only means something elsewhere; at most 50 at a time, drawn by chance, and a minute from one
 * message to the next.
 */
export class Introductions {
  readonly #parts: IntroductionsParts;
  /** Places of the client, by root. */
  readonly #own = new Map<string, string>();
  #servings = 0;
  readonly #interests = new Set<string>();
  readonly #owned = new Subscription();

  constructor(parts: IntroductionsParts) {
    this.#parts = parts;
  }

  /**
   * The client serves a file, or no more. A file that is not here is nobody's to hear of, and a client whose transport has no IP address cannot be told to
   * others.
   *
   * @throws DownloadError `PEER_REJECTED` when it says so again and again.
   */
  serving({ root, port, tls = false }: Serving): void {
    const { sources, clients, connection } = this.#parts;
    this.#servings += 1;
    if (this.#servings > mostServings)
      throw new DownloadError("PEER_REJECTED", `more than ${mostServings} messages of what it serves`);
    if (connection.remote === undefined || !isShared(sources, root)) return;
    const { address, scope } = connection.remote;
    const before = this.#own.get(root);
    const place = port === 0 ? undefined : ipPlace(address, port, tls);
    if (place === before) return;
    if (before !== undefined) clients.remove(root, before, connection);
    this.#own.delete(root);
    if (place === undefined) return;
    this.#own.set(root, place);
    clients.add(root, { place, address, scope }, connection);
  }

  /** The client wants a file, or has it: from now on it hears of the others. */
  interest(root: string): void {
    if (this.#interests.has(root)) return;
    this.#interests.add(root);
    const { clients, config } = this.#parts;
    const { scheduler } = config;
    const told = new Set<string>();
    let nextAt = scheduler.now() + firstMs;
    const turn = defer(() => {
      if (this.#untold(root, told).length === 0) return EMPTY;
      return timer(Math.max(firstMs, nextAt - scheduler.now()), scheduler);
    }).pipe(
      tap(() => {
        nextAt = scheduler.now() + nextMs;
        this.#tell(root, told);
      }),
    );
    const turns = clients.news(root).pipe(
      startWith(undefined),
      exhaustMap(() => turn.pipe(expand(() => turn))),
    );
    this.#owned.add(turns.subscribe());
  }

  close(): void {
    this.#owned.unsubscribe();
    const { clients, connection, config } = this.#parts;
    const now = config.scheduler.now();
    for (const [root, place] of this.#own) clients.left(root, place, connection, now);
    this.#own.clear();
  }

  #tell(root: string, told: Set<string>): void {
    const { outbox, config } = this.#parts;
    const places = sampleOf(this.#untold(root, told), maxPlaces, config.random);
    if (places.length === 0) return;
    for (const place of places) told.add(place);
    outbox.notify(`peers ${root}`, () => encodeMessage({ type: "peers", root, places }));
  }

  /** The places that this client has not heard of yet. Those that are gone are forgotten, so that what was told is no longer than what is there. */
  #untold(root: string, told: Set<string>): readonly string[] {
    const { clients, connection, config } = this.#parts;
    const scope: Scope = connection.remote?.scope ?? "public";
    const own = this.#own.get(root);
    const all = clients.of(root, config.scheduler.now());
    const here = new Set(all.map(({ place }) => place));
    for (const place of told) if (!here.has(place)) told.delete(place);
    return all.flatMap((client) =>
      client.place !== own && !told.has(client.place) && isOfUse(client.scope, scope) ? [client.place] : [],
    );
  }
}

/** True for a file that is here, or will be. */
function isShared(sources: SourceLookup, root: string): boolean {
  try {
    return sources.get(root) !== undefined;
  } catch {
    return true;
  }
}
