import type { NamedAddress } from "../../peers/NamedAddress.js";
import type { NamedNode } from "./DhtOptions.js";

const most = 100;
/** A place that nobody tells of any more makes room after so long, ms. */
const keptMs = 15 * 60_000;

/** The places that strangers told of, each once, as many as may be. Those that are known and still told of stay, so that no flood of others drives them out. */
export class FoundPlaces {
  /** When each was told of last, the latest last. */
  readonly #heardAt = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#heardAt.size === 0;
  }

  /** Notes a place that was told of; true when that changes the list. */
  add({ host, port }: NamedNode, now: number): boolean {
    const url = `ws://${host}:${port}`;
    const isNew = !this.#heardAt.delete(url);
    if (isNew && this.#heardAt.size >= most && !this.#makesRoom(now)) return false;
    this.#heardAt.set(url, now);
    return isNew;
  }

  list(publicOnly: boolean): readonly NamedAddress[] {
    return Array.from(this.#heardAt.keys(), (url) => ({ url, publicOnly, source: "dht" }));
  }

  #makesRoom(now: number): boolean {
    const [[oldest, heardAt] = ["", now]] = this.#heardAt;
    return now - heardAt > keptMs && this.#heardAt.delete(oldest);
  }
}
