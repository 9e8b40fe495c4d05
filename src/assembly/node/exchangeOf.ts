import { EMPTY, ignoreElements, merge, of, startWith, tap } from "rxjs";
import { scopeOf } from "../../adapters/network/scopeOf.js";
import { ToldPlaces } from "../../discovery/ToldPlaces.js";
import type { PoolClock } from "../../peers/PoolContext.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import { servingClientsOf } from "../../seeder/servingClientsOf.js";
import type { FileExchange } from "../assemble.js";

/**
 * Peer exchange of one file. Where the file is served, too, the clients that say that they serve it are places as those are of which peers tell; whoever comes later is
 * so known to those that were there before.
 */
export function exchangeOf(root: string, shared: SharedFiles | undefined, clock: PoolClock): FileExchange {
  const now = (): number => clock.now();
  const told = new ToldPlaces({ now, scopeOf });
  const clients = shared && servingClientsOf(shared);
  const hearClients = (): void => {
    for (const { place, address, scope } of clients?.of(root, now()) ?? [])
      told.hear({ teller: place, remote: { address, scope }, places: [place] });
  };
  const ofClients = clients?.news(root).pipe(startWith(undefined), tap(hearClients), ignoreElements());
  return {
    door: shared?.door ?? of(undefined),
    hear: (word) => told.hear(word),
    unanswered: (place) => told.unanswered(place),
    places: merge(ofClients ?? EMPTY, told.places),
  };
}
