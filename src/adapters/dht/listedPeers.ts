import { filter, map, type Observable, repeat, type SchedulerLike, tap, timer } from "rxjs";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { HearSearch, SearchNews } from "../../peers/SearchNews.js";
import type { NamedNode } from "./DhtOptions.js";
import { FoundPlaces } from "./FoundPlaces.js";
import type { OpenTable } from "./openTable.js";

const soonMs = 30_000;
const seldomMs = 5 * 60_000;

export interface ListedPeersConfig {
  /** True for a place that may be asked. */
  readonly mayAsk: (place: NamedNode) => boolean;
  /** Called after each lookup. */
  readonly hear: HearSearch;
  readonly scheduler: SchedulerLike;
}

/**
 * The places that the table lists under a key. Emits the whole list when it changes, and looks again: every half minute for the first five minutes and until
 * somebody was found, then every five minutes.
 */
export function listedPeers(
  { lookup, isPrivate, whySilent }: Pick<OpenTable, "lookup" | "isPrivate" | "whySilent">,
  key: Uint8Array,
  { mayAsk, hear, scheduler }: ListedPeersConfig,
): Observable<readonly NamedAddress[]> {
  const found = new FoundPlaces();
  const startedAt = scheduler.now();
  const waitMs = (): number => (found.isEmpty || scheduler.now() - startedAt < seldomMs ? soonMs : seldomMs);
  let isListed = false;
  const newsOf = (isAnswered: boolean): SearchNews => {
    if (!found.isEmpty) return { by: "dht", outcome: "found", message: "the DHT lists peers of this file" };
    if (!isAnswered) return { by: "dht", outcome: "silent", message: whySilent() };
    const message = isListed
      ? "the DHT lists nobody who may be asked for this file; expected others than this program, in a public table at public addresses"
      : "the DHT answers, and lists nobody for this file; expected somebody who announces it there";
    return { by: "dht", outcome: "unknown", message };
  };
  return lookup(key, (isAnswered) => hear(newsOf(isAnswered))).pipe(
    repeat({ delay: () => timer(waitMs(), scheduler) }),
    tap(() => (isListed = true)),
    filter((place) => mayAsk(place) && found.add(place, scheduler.now())),
    map(() => found.list(!isPrivate)),
  );
}
