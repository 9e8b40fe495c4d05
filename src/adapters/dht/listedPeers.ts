import { filter, map, type Observable, repeat, type SchedulerLike, timer } from "rxjs";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { NamedNode } from "./DhtOptions.js";
import { FoundPlaces } from "./FoundPlaces.js";
import type { OpenTable } from "./openTable.js";

const soonMs = 30_000;
const seldomMs = 5 * 60_000;

export interface ListedPeersConfig {
  /** True for a place that may be asked. */
  readonly mayAsk: (place: NamedNode) => boolean;
  readonly scheduler: SchedulerLike;
}

/**
 * The places that the table lists under a key. Emits the whole list when it changes, and looks again: every half minute for the first five minutes and until
 * somebody was found, then every five minutes.
 */
export function listedPeers(
  { lookup, isPrivate }: Pick<OpenTable, "lookup" | "isPrivate">,
  key: Uint8Array,
  { mayAsk, scheduler }: ListedPeersConfig,
): Observable<readonly NamedAddress[]> {
  const found = new FoundPlaces();
  const startedAt = scheduler.now();
  const waitMs = (): number => (found.isEmpty || scheduler.now() - startedAt < seldomMs ? soonMs : seldomMs);
  return lookup(key).pipe(
    repeat({ delay: () => timer(waitMs(), scheduler) }),
    filter((place) => mayAsk(place) && found.add(place, scheduler.now())),
    map(() => found.list(!isPrivate)),
  );
}
