import { checkShape, type OptionShape } from "../../operators/checkOptions.js";
import { aFunction } from "../../operators/optionShapes.js";
import { Observable } from "rxjs";
import type { SourceLookup } from "./ByteSource.js";
import type { Connection } from "./Connection.js";
import { Demands } from "./Demands.js";
import { Guests } from "./Guests.js";
import { noncesOf } from "./noncesOf.js";
import { ReadMemory } from "./ReadMemory.js";
import { ReadTurns } from "./ReadTurns.js";
import { Rendezvous } from "./Rendezvous.js";
import { resolveSeederConfig, type SeederConfig } from "./SeederConfig.js";
import type { SeederEvent } from "./SeederEvent.js";
import { servingClientsOf } from "./servingClientsOf.js";
import { Session } from "./Session.js";
import { UploadPace } from "./UploadPace.js";

/** Serves files to whoever connects. */
export interface Seeder {
  /** Messages larger than this are refused; a transport may refuse them earlier. */
  readonly maxFrameBytes: number;
  /** The wait that busy answers ask for; for transports that refuse whole connections. */
  readonly busyRetryAfterMs: number;
  /** The most connections of one address; for transports that count them before they are clients. */
  readonly maxConnectionsPerAddress: number;
  /** Lets one more client come from an address (without its port), if need be in the place of an idle one, whose connection ends; or says why none may. */
  admit(host: string): string | undefined;
  /**
   * Serves one client from subscription on; completes when it is gone and what was being read for it has been read. Never errors: what a client
   * does wrong is an event. Unsubscribing gives up all reads and closes the connection.
   */
  accept(connection: Connection): Observable<SeederEvent>;
}

const sourcesShape: OptionShape = {
  must: "what finds a source by its root, such as a Map",
  fits: (value) => aFunction.fits((Object(value) as { readonly get?: unknown }).get),
};

/**
 * A seeder of the files that `sources` knows at the time of each request. Several requests of a connection are answered at
 * once, a frame each in turn; files are read only as fast as the client takes the bytes, and clients read in turn.
 *
 * @throws TypeError or RangeError that names a wrong option, or sources that are none.
 */
export function createSeeder(sources: SourceLookup, config: SeederConfig = {}): Seeder {
  checkShape("sources", sources, sourcesShape);
  const resolved = resolveSeederConfig(config);
  const pace = new UploadPace(resolved.limitRateBytesPerSecond, resolved.scheduler);
  const turns = new ReadTurns({ reads: resolved.maxReads, bytes: resolved.maxReadAheadBytes });
  const memory = new ReadMemory();
  const guests = new Guests(resolved);
  const clients = servingClientsOf(sources);
  const demands = new Demands(resolved.scheduler);
  const nonces = noncesOf(sources);
  const rendezvous = new Rendezvous(resolved.random);
  return {
    maxFrameBytes: resolved.maxFrameBytes,
    busyRetryAfterMs: resolved.busyRetryAfterMs,
    maxConnectionsPerAddress: resolved.maxConnectionsPerAddress,
    admit: (host) => guests.admit(host),
    accept: (connection) =>
      new Observable((events) => {
        const shared = { sources, clients, config: resolved, pace, turns, memory, guests, nonces, demands, rendezvous };
        const session = new Session({ ...shared, connection, events });
        session.start();
        return () => session.stop();
      }),
  };
}
