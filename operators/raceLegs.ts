import { defer, finalize, Observable, Subject, takeUntil } from "rxjs";
import type { AttemptContext, AttemptFn } from "./attempt.js";

/** Asks for one more leg. */
export interface Backup<P> {
  /** Who runs it. */
  readonly peer: P;
  /** Why, for the event: "slow-first-byte", "dead", "take-over" or a word of your own. */
  readonly reason: string;
  /** Whether the legs that run are cancelled before it starts, not when it brings something. @default false */
  readonly instead?: boolean;
}

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
  /** Whether a value has come, from any leg. */
  readonly begun: boolean;
  /** Tells each death, the last one too, when the leg is torn down. What is emitted in answer, at once, replaces the leg. */
  readonly deaths: Observable<LegDeath<P>>;
  /** Tells whose first value has come, when the others are cancelled and before the value is passed on. */
  readonly firstValues: Observable<P>;
}

export interface RaceLegsConfig<P> {
  /** Says when one more leg starts, and on whom. Subscribed once an attempt, before the first leg; its completion means nothing. */
  readonly backups: (race: Race<P>) => Observable<Backup<P>>;
  /** Legs that may run at once, at least 1; a backup beyond it is ignored. @default 2 */
  readonly maxLiving?: number;
  /** Which error the attempt has when all its legs died, from all of them in the order of their deaths. @default the last */
  readonly worst?: (errors: readonly unknown[]) => unknown;
}

/**
 * Lets an attempt have several legs, on several peers, of which the first value decides.
 *
 *     peer A    -----------a--        the attempt's own peer: slow
 *     backups   ---B
 *     peer B       --b---c|           its first value cancels A
 *     result    -----b---c|
 *
 *     peer A    -a--a--a--a--a        delivers, but is taken over
 *     backups   ------B
 *     peer B          --b--c|
 *     result    -a--a--ab--c|
 *
 *     peer A    --#                   dies, and is replaced at once
 *     backups   --B
 *     peer B      ---b|
 *     result    -----b|
 *
 * - A leg's first value cancels all other legs. Two first values of one millisecond: the one heard first wins, which is the older
 *   leg's where both were scheduled by one clock.
 * - A leg that dies hurts nobody while another lives. When the last one died and no backup came in answer, the attempt errors.
 * - A leg that completes after a value completes the attempt.
 * - A backup whose peer runs a leg already is ignored, as is one beyond `maxLiving`. One that starts `instead` takes the place of all.
 * - Each backup that starts is told as an event `hedge`, whose `primary` is the peer of the leg before.
 *
 * A leg is torn down before its end is told. Unsubscribing cancels all legs and `backups` at once. Values are not taken back: after a
 * take-over the attempt function must know where to go on.
 *
 * @throws whatever `worst` chooses, and whatever `backups` errors with or a callback throws.
 * @throws RangeError at the call when `maxLiving` is below 1.
 *
 * @example
 * raceLegs<string>({ backups: ({ peer }) => timer(2000).pipe(map(() => ({ peer: mirrorOf(peer), reason: "slow-first-byte" }))) })(fetchText)
 */
export function raceLegs<P>(config: RaceLegsConfig<P>): <T>(attempt: AttemptFn<P, T>) => AttemptFn<P, T> {
  const { maxLiving = 2 } = config;
  if (!(maxLiving >= 1)) throw new RangeError(`maxLiving is ${maxLiving}, expected a number of at least 1`);
  return (attempt) => (peer, context) => runRace(attempt, peer, context, { ...config, maxLiving });
}

interface Leg<P> {
  readonly peer: P;
  /** A leg that runs synchronously has no subscription yet that could be ended. */
  readonly cancel: Subject<void>;
  begun: boolean;
}

/** How a leg ended of itself. */
type LegEnd = "complete" | { readonly error: unknown };

function runRace<P, T>(
  attempt: AttemptFn<P, T>,
  peer: P,
  context: AttemptContext<P>,
  { backups, maxLiving, worst = (errors) => errors.at(-1) }: RaceLegsConfig<P> & { readonly maxLiving: number },
): Observable<T> {
  return new Observable((subscriber) => {
    const legs = new Map<P, Leg<P>>();
    const errors: unknown[] = [];
    const released = new Subject<void>();
    const deaths = new Subject<LegDeath<P>>();
    const firstValues = new Subject<P>();
    let begun = false;
    /** Who was asked last. */
    let latest = peer;
    const race: Race<P> = {
      peer,
      context,
      deaths,
      firstValues,
      get living() {
        return legs.size;
      },
      get begun() {
        return begun;
      },
    };

    // What backups say and how legs end is put down here and dealt with in one loop, entered once. So nothing starts in the middle of
    // a cancelling, no value overtakes another, and a hundred thousand legs that die synchronously do not grow the stack.
    const wanted: Backup<P>[] = [];
    const dead: LegDeath<P>[] = [];
    let busy = true;

    const cancel = (leg: Leg<P>): void => {
      legs.delete(leg.peer);
      leg.cancel.next();
    };
    const cancelAllBut = (one?: Leg<P>): void => {
      for (const leg of [...legs.values()]) if (leg !== one) cancel(leg);
    };
    /** Backups first: what a leg frees may be offered to this very race. */
    const releaseAllBut = (one?: Leg<P>): void => {
      released.next();
      cancelAllBut(one);
    };
    const fail = (error: unknown): void => {
      releaseAllBut();
      subscriber.error(error);
    };

    const hearFirst = (leg: Leg<P>, value: T): void => {
      const wasBusy = busy;
      busy = true;
      leg.begun = begun = true;
      cancelAllBut(leg);
      firstValues.next(leg.peer);
      subscriber.next(value);
      busy = wasBusy;
      settle();
    };

    const start = (on: P): void => {
      const leg: Leg<P> = { peer: on, cancel: new Subject(), begun: false };
      let ended: LegEnd | undefined;
      const isCancelled = (): boolean => legs.get(on) !== leg;
      legs.set(on, leg);
      latest = on;
      defer(() => attempt(on, context))
        .pipe(
          // After the teardown, so that no more than `maxLiving` are ever open.
          finalize(() => {
            if (ended === undefined || isCancelled()) return;
            legs.delete(on);
            if (ended === "complete") {
              subscriber.complete();
            } else {
              dead.push({ peer: on, error: ended.error });
              settle();
            }
          }),
          takeUntil(leg.cancel),
        )
        .subscribe({
          next: (value) => (leg.begun ? subscriber.next(value) : hearFirst(leg, value)),
          error: (error: unknown) => (ended = { error }),
          complete: () => {
            if (isCancelled()) return;
            ended = leg.begun ? "complete" : { error: new Error("the leg completed without a value") };
            if (leg.begun) releaseAllBut(leg);
          },
        });
    };

    const startBackup = ({ peer: backup, reason, instead = false }: Backup<P>): void => {
      if (legs.has(backup)) return;
      if (instead) cancelAllBut();
      if (legs.size >= maxLiving) return;
      context.emit({ type: "hedge", primary: latest, backup, reason });
      if (!subscriber.closed) start(backup); // whoever was told may have left
    };

    const settle = (): void => {
      if (busy) return;
      busy = true;
      try {
        while (!subscriber.closed) {
          const backup = wanted.shift();
          const death = backup === undefined ? dead.shift() : undefined;
          if (backup !== undefined) {
            startBackup(backup);
          } else if (death !== undefined) {
            errors.push(death.error);
            deaths.next(death);
          } else {
            break;
          }
        }
        if (legs.size === 0 && !subscriber.closed) fail(worst(errors));
      } catch (error) {
        fail(error);
      }
      busy = false;
    };

    subscriber.add(() => releaseAllBut());
    defer(() => backups(race))
      .pipe(takeUntil(released))
      .subscribe({
        next: (backup) => {
          wanted.push(backup);
          settle();
        },
        error: fail,
      });
    if (!subscriber.closed) start(peer);
    busy = false;
    settle();
  });
}
