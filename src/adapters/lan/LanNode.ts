import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  debounceTime,
  defer,
  ignoreElements,
  map,
  merge,
  Observable,
  ReplaySubject,
  type SchedulerLike,
  share,
  Subscription,
  switchMap,
  tap,
  timer,
} from "rxjs";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { HearSearch, SearchNews } from "../../peers/SearchNews.js";
import type { AnnouncedEvent } from "../../seeder/Announcer.js";
import { fileTexts, mayHave } from "./fileTexts.js";
import { type LanOptions, type ResolvedLanOptions, resolveLanOptions } from "./LanOptions.js";
import { type LanService, openResponder, type Responder } from "./openResponder.js";

const mostPlaces = 100;
/** Questions and answers get lost: it is asked again after a second, and every minute. */
const asking = { firstMs: 1000, everyMs: 60_000 };
/** Files of a seeder that starts come one after the other, ms. */
const gatherMs = 300;
/** The time by which all who are there have answered the second question, ms. */
const answeredMs = 3000;

/**
 * A program on the local network, by multicast DNS (RFC 6762, 6763): seeders tell of themselves there, and downloads find them.
 *
 *     const lan = new LanNode();
 *     downloadFile(root, { findPeers: (root, hear) => lan.peers(root, hear) });
 *     serveFiles("film.mkv", { host: "0.0.0.0", announce: (port, roots) => lan.announce(port, roots) });
 *
 * Its socket is open while any of them is subscribed.
 */
export class LanNode {
  readonly #options: ResolvedLanOptions;
  readonly #responder: Observable<Responder>;
  /** Names of the services of this program. */
  readonly #own = new Set<string>();

  /** @throws TypeError that names the wrong option. */
  constructor(options: LanOptions = {}) {
    this.#options = resolveLanOptions(options);
    this.#responder = openResponder(this.#options).pipe(share({ connector: () => new ReplaySubject(1) }));
  }

  /**
   * The seeders of a file in the local network. Emits the whole list when one comes, goes, or has other files. At most a hundred, each at the address that it
   * speaks from, in a network that this machine is in, too; never those of this program. Errors with `LOCAL_IO` when the port cannot be had or the package
   * `bonjour-service` is not installed. `hear` is told after three seconds what the search has come to, and then when that may have changed.
   */
  peers(root: string, hear: HearSearch = () => undefined): Observable<readonly NamedAddress[]> {
    const { scheduler } = this.#options;
    return defer(() => {
      const seen = { others: 0, found: 0, isDue: false };
      const tell = (): void => {
        if (seen.isDue) hear(newsOf(seen));
      };
      const due = timer(answeredMs, scheduler).pipe(
        tap(() => {
          seen.isDue = true;
          tell();
        }),
        ignoreElements(),
      );
      const lists = this.#responder.pipe(
        switchMap((responder) => merge(services(responder, scheduler), due)),
        map((all) => all.filter(({ name }) => !this.#own.has(name))),
        tap((others) => (seen.others = others.length)),
        map((others) => others.filter(({ txt }) => mayHave(txt, root)).flatMap(addressOf)),
        map((all) => all.slice(0, mostPlaces)),
      );
      return lists.pipe(
        tap(({ length }) => {
          seen.found = length;
          tell();
        }),
      );
    });
  }

  /** Tells the local network of a seeder at a port of this machine and of its files, for as long as it is subscribed. Errors as `peers` does. */
  announce(port: number, roots: Observable<ReadonlySet<string>>): Observable<AnnouncedEvent> {
    const sets = roots.pipe(debounceTime(gatherMs, this.#options.scheduler));
    return this.#responder.pipe(switchMap((responder) => this.#saying(responder, port, sets)));
  }

  #saying(responder: Responder, port: number, sets: Observable<ReadonlySet<string>>): Observable<AnnouncedEvent> {
    return new Observable((subscriber) => {
      let told = Subscription.EMPTY;
      const say = (all: ReadonlySet<string>): void => {
        // The new words are there before the old ones go, so that nobody takes the seeder to have left.
        const before = told;
        told = all.size === 0 ? Subscription.EMPTY : this.#publish(responder, port, all);
        before.unsubscribe();
        for (const root of all) subscriber.next({ type: "announced", by: "lan", root });
      };
      const watch = sets.subscribe({ next: say, error: (error: unknown) => subscriber.error(error) });
      return () => {
        watch.unsubscribe();
        told.unsubscribe();
      };
    });
  }

  #publish(responder: Responder, port: number, roots: ReadonlySet<string>): Subscription {
    const name = randomBytes(8).toString("hex");
    this.#own.add(name);
    return new Subscription(responder.publish({ name, port, txt: fileTexts(roots) }));
  }
}

function newsOf({ others, found }: { readonly others: number; readonly found: number }): SearchNews {
  if (found > 0) return { by: "lan", outcome: "found", message: "peers of this file are in the local network" };
  if (others > 0) {
    const who = others === 1 ? "the one seeder" : `none of the ${others} seeders`;
    const message = `${who} in the local network ${others === 1 ? "does not have" : "has"} this file; expected one that announces it there`;
    return { by: "lan", outcome: "unknown", message };
  }
  const message =
    "nobody answers in the local network; expected a seeder that announces the file there, in a network that passes on multicast (UDP port 5353)";
  return { by: "lan", outcome: "silent", message };
}

function services(responder: Responder, scheduler: SchedulerLike): Observable<readonly LanService[]> {
  return new Observable((subscriber) => {
    const { ask, stop } = responder.browse((all) => subscriber.next(all));
    const asked = timer(asking.firstMs, asking.everyMs, scheduler).subscribe(ask);
    return () => {
      asked.unsubscribe();
      stop();
    };
  });
}

function addressOf({ address, port }: LanService): readonly NamedAddress[] {
  if (address === undefined || !isIPv4(address) || !(port >= 1 && port <= 65_535)) return [];
  return [{ url: `ws://${address}:${port}`, publicOnly: false, source: "lan" }];
}
