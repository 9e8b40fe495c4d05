import { type SchedulerLike, Subject, Subscription } from "rxjs";
import { Admission } from "./Admission.js";

/** A chunk that was served whole so long ago is had by others by now, who say so, or it was lost with whoever took it, ms. */
const rememberedMs = 10_000;

/**
 * The chunks of one file that downloads which share it are getting here, or got of late: from there they spread, so that nobody else need come
 * for them.
 */
export class Demand {
  readonly #scheduler: SchedulerLike;
  readonly #admission: Admission;
  /** How many answers there are of each chunk under way. */
  readonly #underWay = new Map<number, number>();
  /** When each chunk was served whole last, longest ago first. */
  readonly #served = new Map<number, number>();
  readonly #changes = new Subject<void>();
  /** Emits when `has` answers differently. */
  readonly changes = this.#changes.asObservable();
  #forgetting = Subscription.EMPTY;
  #clients = 0;

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
    this.#admission = new Admission(scheduler);
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
   * An answer of the chunk to this address begins. Returned is what tells its end, and whether all of the chunk went out.
   *
   * @param shares whether the client passes on what it gets; where it does not, the chunk counts for nobody
   * @throws DownloadError `PEER_BUSY` while there is too much to do: see `Admission`.
   */
  began(chunk: number, address: string, shares: boolean): (isWhole: boolean) => void {
    this.#admission.enter(address);
    if (shares) this.#spreads(chunk);
    return (isWhole) => {
      this.#admission.leave(address);
      if (shares) this.#ended(chunk, isWhole);
    };
  }

  #spreads(chunk: number): void {
    const isNew = !this.has(chunk);
    this.#underWay.set(chunk, (this.#underWay.get(chunk) ?? 0) + 1);
    if (isNew) this.#changes.next();
  }

  #ended(chunk: number, isWhole: boolean): void {
    const left = (this.#underWay.get(chunk) ?? 0) - 1;
    if (left > 0) this.#underWay.set(chunk, left);
    else this.#underWay.delete(chunk);
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
