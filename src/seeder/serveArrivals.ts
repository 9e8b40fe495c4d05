import { EMPTY, mergeMap, type Observable } from "rxjs";
import { closeCodes } from "../protocol/protocol.js";
import { hostOf } from "./Connection.js";
import type { Seeder } from "./createSeeder.js";
import type { SeederEvent } from "./SeederEvent.js";
import type { SharedFiles } from "./SharedFiles.js";

/** Serves clients that come by another way than the port of a server, within the seeder's limits. Unsubscribing closes their connections. */
export function serveArrivals(seeder: Seeder, shared: SharedFiles): Observable<SeederEvent> {
  return shared.arrivals.pipe(
    mergeMap((client) => {
      const full = seeder.admit(hostOf(client));
      if (full === undefined) return seeder.accept(client);
      client.close(closeCodes.tryAgainLater, full);
      return EMPTY;
    }),
  );
}
