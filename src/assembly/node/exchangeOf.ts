import { EMPTY, ignoreElements, merge, type Observable, of, startWith, tap } from "rxjs";
import { scopeOf } from "../../adapters/network/scopeOf.js";
import { parseIpPlace } from "../../protocol/ipPlace.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import { ToldPlaces } from "../../discovery/ToldPlaces.js";
import type { PoolClock } from "../../peers/PoolContext.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import { servingClientsOf } from "../../seeder/servingClientsOf.js";
import type { FileExchange } from "../assemble.js";

export interface ExchangeParts {
  readonly shared: SharedFiles | undefined;
  readonly kept: Observable<readonly NamedAddress[]>;
  readonly clock: PoolClock;
}

/**
 * Peer exchange of one file. Where the file is served, too, the clients that say that they serve it are places as those are of which peers tell; whoever comes later is
 * so known to those that were there before. So are the peers of which others told an earlier run (`kept`).
 */
export function exchangeOf(root: string, { shared, kept, clock }: ExchangeParts): FileExchange {
  const now = (): number => clock.now();
  const told = new ToldPlaces({ now, scopeOf });
  const clients = shared && servingClientsOf(shared);
  const hearClients = (): void => {
    for (const { place, address, scope } of clients?.of(root, now()) ?? [])
      told.hear({ teller: place, remote: { address, scope }, places: [place] });
  };
  const ofClients = clients?.news(root).pipe(startWith(undefined), tap(hearClients), ignoreElements());
  const hearAgain = (places: readonly NamedAddress[]): void => {
    for (const { url } of places) {
      const { address = "" } = parseIpPlace(url) ?? {};
      // Whoever told of it was near enough to do so.
      told.hear({ teller: url, remote: { address, scope: scopeOf(address) }, places: [url] });
    }
  };
  const ofEarlierRuns = kept.pipe(tap(hearAgain), ignoreElements());
  return {
    door: shared?.door ?? of(undefined),
    hear: (word) => told.hear(word),
    unanswered: (place) => told.unanswered(place),
    places: merge(ofEarlierRuns, ofClients ?? EMPTY, told.places),
  };
}
