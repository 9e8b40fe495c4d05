import {
  EMPTY,
  filter,
  groupBy,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  startWith,
  Subject,
  switchMap,
  tap,
  timer,
} from "rxjs";
import { scopeOf } from "../../adapters/network/scopeOf.js";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import { ToldPlaces } from "../../discovery/ToldPlaces.js";
import type { PoolClock } from "../../peers/PoolContext.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import { servingClientsOf } from "../../seeder/servingClientsOf.js";
import type { FileExchange } from "../Assembly.js";

/** When a peer of an earlier run that did not answer is asked again: at first, for so long, and later, ms. */
export const askingAgain = { soonMs: 8000, soonForMs: 300_000, laterMs: 60_000 } as const;

export interface ExchangeParts {
  readonly shared: SharedFiles | undefined;
  readonly kept: Observable<readonly NamedAddress[]>;
  readonly clock: PoolClock;
}

/**
 * Peer exchange of one file. Where the file is served, too, the clients that say that they serve it are places as those are of which peers tell; whoever comes
 * later is so known to those that were there before; one that did not answer, and comes itself, is asked again. So are the peers of which others told an
 * earlier run (`kept`), whenever they are there again: who of a crowd is begun first finds none of them.
 */
export function exchangeOf(root: string, { shared, kept, clock }: ExchangeParts): FileExchange {
  const now = (): number => clock.now();
  const told = new ToldPlaces({ now, scopeOf });
  const clients = shared && servingClientsOf(shared);
  const hearClients = (): void => {
    for (const { place, address, scope } of clients?.of(root, now()) ?? [])
      told.hear({ teller: place, remote: { address, scope }, places: [place] });
  };
  const cameNow = clients?.news(root).pipe(tap((place) => told.came(place)));
  const ofClients = cameNow?.pipe(startWith(undefined), tap(hearClients), ignoreElements());
  const unanswered = new Subject<string>();
  const begunAt = now();
  const waitMs = (): number => (now() - begunAt < askingAgain.soonForMs ? askingAgain.soonMs : askingAgain.laterMs);
  const again = (places: ReadonlySet<string>): Observable<readonly string[]> =>
    unanswered.pipe(
      filter((place) => places.has(place)),
      groupBy((place) => place),
      mergeMap((same) => same.pipe(switchMap((place) => timer(waitMs(), clock).pipe(map(() => [place]))))),
    );
  const ofEarlierRuns = kept.pipe(
    map((all) => all.map(({ url }) => url)),
    switchMap((places) => again(new Set(places)).pipe(startWith(places))),
    tap((places) => told.recall(places)),
    ignoreElements(),
  );
  return {
    door: shared?.door ?? of(undefined),
    hear: (word) => told.hear(word),
    unanswered: (place) => {
      told.unanswered(place);
      unanswered.next(place);
    },
    places: merge(ofEarlierRuns, ofClients ?? EMPTY, told.places),
  };
}
