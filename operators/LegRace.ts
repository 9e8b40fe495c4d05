import type { Subscriber, Subscription } from "rxjs";
import { from, Observable, Subject } from "rxjs";
import type { AttemptContext, AttemptFn } from "./attempt.js";
import { CancellableContext } from "./CancellableContext.js";

/** A wish for one more leg. */
export interface Backup<P> {
  /** The peer that runs the leg. */
  readonly peer: P;
  /** The reason, for the event: "slow-first-byte", "dead", "take-over" or a word of your own. */
  readonly reason: string;
  /** Fate of the legs that run. @default "race" */
  readonly others?: Others | undefined;
}

/**
 * Fate of the legs that run when one more comes:
 *
 * - `race`: the first value of any leg decides. For a leg that comes because nothing does.
 * - `bridge`: they go on until it brings something, and what they bring meanwhile decides nothing. For a leg that comes because they are
 *   slow: a first value says nothing of the speed.
 * - `stop`: they are cancelled before it starts.
 */
export type Others = "race" | "bridge" | "stop";

/** A leg that errored, or completed without a value. */
export interface LegDeath<P> {
  readonly peer: P;
  readonly error: unknown;
}

/** One attempt while it runs, as `backups` sees it. */
export interface Race<P> {
  /** The attempt's own peer, which runs the first leg. */
  readonly peer: P;
  readonly context: AttemptContext<P>;
  /** How many legs run now. */
  readonly living: number;
  /** True when a value has come, from any leg. */
  readonly begun: boolean;
  /** Emits each death, the last one too, when the leg is torn down. A backup in answer, at once, replaces the leg. */
  readonly deaths: Observable<LegDeath<P>>;
  /** Emits whose first value has come, when the others are cancelled and before the value is passed on. */
  readonly firstValues: Observable<P>;
}

export interface RaceLegsConfig<P> {
  /** Wishes for more legs, as they come. Subscribed once an attempt, before the first leg; its completion means nothing. */
  readonly backups: (race: Race<P>) => Observable<Backup<P>>;
  /** Legs that may run at once, at least 1; a backup beyond it is ignored. @default 2 */
  readonly maxLiving?: number | undefined;
  /** Chooses the error of an attempt whose legs all died, from all errors in the order of the deaths. @default the last */
  readonly worst?: ((errors: readonly unknown[]) => unknown) | undefined;
}

interface RaceLeg<P> {
  readonly peer: P;
  readonly others: Others;
  /** Set before the attempt is made, so that one that runs synchronously can be cancelled too. */
  asked: Subscription | undefined;
  begun: boolean;
  /** The context of the leg's attempt. */
  readonly context: CancellableContext<P>;
  /** How the leg ended of itself. */
  end: "complete" | { readonly error: unknown } | undefined;
}

/**
 * One subscription of `raceLegs`. Backups that come and legs that die are put down and dealt with in one loop, entered once: so nothing
 * starts in the middle of a cancelling, no value overtakes another, and a hundred thousand legs that die synchronously do not grow the
 * stack. Most races have one leg, so that what only a second one needs is made when there is one.
 */
export class LegRace<P, T> implements Race<P> {
  readonly peer: P;
  readonly context: AttemptContext<P>;
  begun = false;
  readonly #attempt: AttemptFn<P, T>;
  readonly #config: RaceLegsConfig<P>;
  readonly #result: Subscriber<T>;
  /** The legs that run, in the order of their starts. */
  readonly #legs: RaceLeg<P>[] = [];
  readonly #errors: unknown[] = [];
  readonly #wanted: Backup<P>[] = [];
  readonly #dead: LegDeath<P>[] = [];
  #backups: Subscription | undefined;
  #deaths: Subject<LegDeath<P>> | undefined;
  #firstValues: Subject<P> | undefined;
  /** The peer that was asked last. */
  #latest: P;
  #busy = true;

  constructor(
    attempt: AttemptFn<P, T>,
    peer: P,
    context: AttemptContext<P>,
    config: RaceLegsConfig<P>,
    result: Subscriber<T>,
  ) {
    this.#attempt = attempt;
    this.peer = peer;
    this.#latest = peer;
    this.context = context;
    this.#config = config;
    this.#result = result;
  }

  get living(): number {
    return this.#legs.length;
  }

  get deaths(): Observable<LegDeath<P>> {
    return (this.#deaths ??= new Subject());
  }

  get firstValues(): Observable<P> {
    return (this.#firstValues ??= new Subject());
  }

  start(): void {
    this.#result.add(() => this.#releaseAllBut());
    new Observable<Backup<P>>((backups) => {
      this.#backups = backups;
      this.#config.backups(this).subscribe(backups);
    }).subscribe({
      next: (backup) => {
        this.#wanted.push(backup);
        this.#settle();
      },
      error: (error: unknown) => this.#fail(error),
    });
    if (!this.#result.closed) this.#run(this.peer, "race");
    this.#busy = false;
    this.#settle();
  }

  #run(peer: P, others: Others): void {
    const context = new CancellableContext(this.context);
    const leg: RaceLeg<P> = { peer, others, asked: undefined, context, begun: false, end: undefined };
    this.#legs.push(leg);
    this.#latest = peer;
    new Observable<T>((asked) => {
      leg.asked = asked;
      from(this.#attempt(peer, context)).subscribe(asked);
    })
      .subscribe({
        next: (value) => (leg.begun ? this.#result.next(value) : this.#hearFirst(leg, value)),
        error: (error: unknown) => (leg.end = { error }),
        complete: () => {
          leg.end = leg.begun ? "complete" : { error: new Error("the leg completed without a value") };
          if (leg.begun && this.#legs.includes(leg)) this.#releaseAllBut(leg);
        },
      })
      .add(() => {
        if (leg.end !== "complete") context.abort(leg.end?.error);
        this.#over(leg);
      }); // after the teardown, so that no more than `maxLiving` are ever open
  }

  #hearFirst(leg: RaceLeg<P>, value: T): void {
    const wasBusy = this.#busy;
    this.#busy = true;
    leg.begun = true;
    this.begun = true;
    this.#cancelOutrunBy(leg);
    this.#firstValues?.next(leg.peer);
    this.#result.next(value);
    this.#busy = wasBusy;
    this.#settle();
  }

  /** Takes note of a leg that is over, and that nobody cancelled. */
  #over(leg: RaceLeg<P>): void {
    if (leg.end === undefined || !this.#remove(leg)) return;
    if (leg.end === "complete") {
      this.#result.complete();
    } else {
      this.#dead.push({ peer: leg.peer, error: leg.end.error });
      this.#settle();
    }
  }

  #settle(): void {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (!this.#result.closed) {
        const backup = this.#wanted.shift();
        const death = backup === undefined ? this.#dead.shift() : undefined;
        if (backup !== undefined) {
          this.#startBackup(backup);
        } else if (death !== undefined) {
          this.#errors.push(death.error);
          this.#deaths?.next(death);
        } else {
          break;
        }
      }
      if (this.#legs.length === 0 && !this.#result.closed) this.#fail(this.#worst());
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
  }

  #startBackup({ peer, reason, others = "race" }: Backup<P>): void {
    const { maxLiving = 2 } = this.#config;
    if (this.#legs.some((leg) => leg.peer === peer)) return;
    const primary = this.#primaryFor(peer);
    if (others === "stop") this.#cancelAllBut();
    if (this.#legs.length >= maxLiving) return;
    this.context.emit({ type: "hedge", primary, backup: peer, reason });
    if (!this.#result.closed) this.#run(peer, others); // whoever was told may have left
  }

  /** A peer that is asked once more stands beside the other leg that lives, not beside its own that died. */
  #primaryFor(backup: P): P {
    return this.#latest === backup ? (this.#legs.at(-1)?.peer ?? backup) : this.#latest;
  }

  #worst(): unknown {
    const { worst } = this.#config;
    return worst === undefined ? this.#errors.at(-1) : worst(this.#errors);
  }

  #fail(error: unknown): void {
    this.#releaseAllBut();
    this.#result.error(error);
  }

  /** Backups first: what a leg frees may be offered to this very race. */
  #releaseAllBut(...kept: readonly RaceLeg<P>[]): void {
    this.#backups?.unsubscribe();
    this.#cancelAllBut(...kept);
  }

  /** Cancels what the first value of a leg decides against: all others but those that are to take over from it. */
  #cancelOutrunBy(leg: RaceLeg<P>): void {
    if (this.#legs.length === 1 && this.#legs[0] === leg) return;
    const successors = this.#legs.slice(this.#legs.indexOf(leg) + 1).filter(({ others }) => others === "bridge");
    this.#cancelAllBut(leg, ...successors);
  }

  #cancelAllBut(...kept: readonly RaceLeg<P>[]): void {
    for (const leg of [...this.#legs]) if (!kept.includes(leg) && this.#remove(leg)) leg.asked?.unsubscribe();
  }

  /** Tells whether the leg ran until now. */
  #remove(leg: RaceLeg<P>): boolean {
    const at = this.#legs.indexOf(leg);
    if (at >= 0) this.#legs.splice(at, 1);
    return at >= 0;
  }
}
