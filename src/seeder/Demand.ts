import { type SchedulerLike, Subject, Subscription } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";

/** Addresses that are answered at a time. */
const mostAnswered = 32;
/** A chunk that was served whole so long ago is had by others by now, who say so, or it was lost with whoever took it, ms. */
const rememberedMs = 10_000;

/**
 * The chunks of one file that downloads which share it are getting here, or got of late: from there they spread, so that nobody else need come
 * for them.
 *
 * A chunk is of use to the others only when it is whole, so a line of which each of a large crowd has an equal part helps nobody: first bytes come so late
 * that they are given up. So some addresses are answered at a time, and the others get what these have got from them. Addresses, because one that opens many
 * connections keeps no more of the others away.
 */
export class Demand {
  readonly #scheduler: SchedulerLike;
  /** How many answers there are of each chunk under way, and to each address. */
  readonly #underWay = new Map<number, number>();
  readonly #answers = new Map<string, number>();
  /** When each chunk was served whole last, longest ago first. */
  readonly #served = new Map<number, number>();
  readonly #changes = new Subject<void>();
  /** Emits when `has` answers differently. */
  readonly changes = this.#changes.asObservable();
  #forgetting = Subscription.EMPTY;
  #clients = 0;

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  /** How many take part. */
  get clients(): number {
    return this.#clients;
  }

  has(chunk: number): boolean {
    return this.#underWay.has(chunk) || this.#served.has(chunk);
  }

  /** A client takes part from now on. */
  enter(): void {
    this.#clients++;
  }

  leave(): void {
    this.#clients--;
    if (this.#clients === 0) this.#forgetting.unsubscribe();
  }

  /**
   * An answer of the chunk to this address begins.
   *
   * @throws DownloadError `PEER_BUSY` to an address that gets nothing, while so many others do.
   */
  began(chunk: number, address: string): void {
    if (this.#answers.size >= mostAnswered && !this.#answers.has(address)) {
      throw new DownloadError("PEER_BUSY", `${mostAnswered} others are getting chunks from here, and pass them on`);
    }
    const isNew = !this.has(chunk);
    add(this.#underWay, chunk, 1);
    add(this.#answers, address, 1);
    if (isNew) this.#changes.next();
  }

  /** An answer that began has ended; `isWhole` says whether all of the chunk went out. */
  ended(chunk: number, address: string, isWhole: boolean): void {
    add(this.#underWay, chunk, -1);
    add(this.#answers, address, -1);
    if (isWhole) {
      this.#served.delete(chunk);
      this.#served.set(chunk, this.#scheduler.now());
      this.#forgetLater();
    }
    if (!this.has(chunk)) this.#changes.next();
  }

  #forgetLater(): void {
    const [oldest] = this.#served.values();
    if (oldest === undefined || !this.#forgetting.closed || this.#clients === 0) return;
    this.#forgetting = this.#scheduler.schedule(
      () => {
        this.#forgetting = Subscription.EMPTY; // closed only after this
        this.#forget();
        this.#forgetLater();
      },
      oldest + rememberedMs - this.#scheduler.now(),
    );
  }

  #forget(): void {
    const since = this.#scheduler.now() - rememberedMs;
    for (const [chunk, at] of this.#served) {
      if (at > since) break;
      this.#served.delete(chunk);
    }
    this.#changes.next();
  }
}

/** Adds to a count; one that is 0 is not kept. */
function add<K>(counts: Map<K, number>, key: K, more: number): void {
  const count = (counts.get(key) ?? 0) + more;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
