import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  debounceTime,
  map,
  Observable,
  ReplaySubject,
  type SchedulerLike,
  share,
  Subscription,
  switchMap,
  timer,
} from "rxjs";
import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { AnnouncedEvent } from "../../seeder/Announcer.js";
import { fileTexts, mayHave } from "./fileTexts.js";
import { type LanOptions, type ResolvedLanOptions, resolveLanOptions } from "./LanOptions.js";
import { type LanService, openResponder, type Responder } from "./openResponder.js";

const mostPlaces = 100;
/** Questions and answers get lost: it is asked again after a second, and every minute. */
const asking = { firstMs: 1000, everyMs: 60_000 };
/** Files of a seeder that starts come one after the other, ms. */
const gatherMs = 300;

/**
 * A program on the local network, by multicast DNS (RFC 6762, 6763): seeders tell of themselves there, and downloads find them.
 *
 *     const lan = new LanNode();
 *     downloadFile(root, { findPeers: (root) => lan.peers(root) });
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
   * The seeders of a file in the local network. Emits the whole list when one comes, goes, or has other files. At most a hundred, each at the address that it speaks
   * from, in a network that this machine is in, too; never those of this program. Errors with `LOCAL_IO` when the port cannot be had or the package `bonjour-service` is not installed.
   */
  peers(root: string): Observable<readonly NamedAddress[]> {
    return this.#responder.pipe(
      switchMap((responder) => services(responder, this.#options.scheduler)),
      map((all) => all.filter(({ name, txt }) => !this.#own.has(name) && mayHave(txt, root))),
      map((all) => all.flatMap(addressOf).slice(0, mostPlaces)),
    );
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
