import { BehaviorSubject, type Observable } from "rxjs";
import type { NamedAddress, PeerOrigin } from "../peers/NamedAddress.js";
import { parseIpPlace } from "../protocol/ipPlace.js";
import type { Told } from "../protocol/PeerExchange.js";
import { maxPlaces } from "../protocol/protocol.js";
import { isOfUse, type Scope } from "../protocol/Scope.js";

/** Bounds of what others tell. */
export const toldLimits = {
  places: 100,
  staleMs: 300_000,
  tellerMs: 30_000,
  refusedMs: 600_000,
  refused: 1000,
} as const;

export interface ToldPlacesParts {
  readonly now: () => number;
  /** The scope of an IP address. */
  readonly scopeOf: (address: string) => Scope;
}

/**
 * The places of a file that peers tell of. Strangers are bounded and never believed: IP addresses alone, none that only means something where the teller is
 * not, 50 of a teller in half a minute, 100 in all. When there is no more room, one that nobody has told of for five minutes makes it. A place that did not
 * answer is not taken again for ten minutes, whoever tells of it, unless it has come and told of itself since.
 */
export class ToldPlaces {
  readonly #parts: ToldPlacesParts;
  /** When each was told of last, the longest ago first. */
  readonly #known = new Map<string, { readonly named: NamedAddress; readonly at: number }>();
  /** Until when each is refused, the oldest first. */
  readonly #refused = new Map<string, number>();
  /** When each teller was heard last. */
  readonly #heard = new Map<string, number>();
  readonly #places = new BehaviorSubject<readonly NamedAddress[]>([]);
  /** Emits all of them each time that they change. */
  readonly places: Observable<readonly NamedAddress[]> = this.#places.asObservable();

  constructor(parts: ToldPlacesParts) {
    this.#parts = parts;
  }

  hear({ teller, remote, places }: Told): void {
    const now = this.#parts.now();
    for (const [other, at] of this.#heard) if (now - at >= toldLimits.tellerMs) this.#heard.delete(other);
    if (this.#heard.has(teller)) return;
    this.#heard.set(teller, now);
    const taken = places.slice(0, maxPlaces).filter((text) => this.#take(text, remote?.scope ?? "public"));
    if (taken.length > 0) this.#tell();
  }

  /** A place may be taken at once when it is told of next, whether or not it answered: it has come itself. */
  came(place: string): void {
    this.#refused.delete(place);
  }

  /** Takes in places that this download knows by itself, whether or not they answered: whoever told of them was near enough to do so. */
  recall(places: readonly string[]): void {
    const taken = places.filter((place) => {
      this.#refused.delete(place);
      const { address = "" } = parseIpPlace(place) ?? {};
      return this.#take(place, this.#parts.scopeOf(address), "record");
    });
    if (taken.length > 0) this.#tell();
  }

  /** A place did not answer. */
  unanswered(place: string): void {
    this.#refused.delete(place);
    this.#refused.set(place, this.#parts.now() + toldLimits.refusedMs);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > toldLimits.refused && oldest !== undefined) this.#refused.delete(oldest);
    if (this.#known.delete(place)) this.#tell();
  }

  /** Takes a place in, if it may be, and tells whether it is a new one. */
  #take(text: string, teller: Scope, source: PeerOrigin = "exchange"): boolean {
    const { now, scopeOf } = this.#parts;
    const told = parseIpPlace(text);
    if (told === undefined) return false;
    const { place, address } = told;
    const scope = scopeOf(address);
    if (!isOfUse(scope, teller) || (this.#refused.get(place) ?? 0) > now()) return false;
    const isNew = !this.#known.delete(place);
    if (isNew && !this.#hasRoom()) return false;
    const named: NamedAddress = { url: place, publicOnly: scope === "public", source };
    this.#known.set(place, { named, at: now() });
    return isNew;
  }

  #hasRoom(): boolean {
    if (this.#known.size < toldLimits.places) return true;
    const [[oldest, { at }] = ["", { at: Infinity }]] = this.#known;
    return this.#parts.now() - at >= toldLimits.staleMs && this.#known.delete(oldest);
  }

  #tell(): void {
    this.#places.next(Array.from(this.#known.values(), ({ named }) => named));
  }
}
