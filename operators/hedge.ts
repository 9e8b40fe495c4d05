import { Observable, Subscription } from "rxjs";
import type { AttemptFn } from "./attempt.js";
import { checkOptions, type OptionShapes } from "./checkOptions.js";
import { longestDelayMs } from "./defaults.js";
import { raceLegs } from "./raceLegs.js";
import type { Backup, Race } from "./LegRace.js";
import { aFunction, anyNumber, either } from "./optionShapes.js";
import { requireBetween } from "./requireBetween.js";

/** The reason for one more leg: nothing has come for too long, or a leg died. */
export type HedgeReason = "slow-first-byte" | "dead";

export interface HedgeConfig {
  /** Milliseconds without a first value, from 0 to 2^31 - 1, or what tells them; a function is asked whenever a leg starts. */
  readonly after: number | (() => number);
  /** Legs beyond the first, in one attempt, at least 0. @default 1 */
  readonly maxExtra?: number | undefined;
  /** Tells whether one more leg may be paid for now; asked only when there is a peer for it. @default always */
  readonly allow?: ((reason: HedgeReason) => boolean) | undefined;
  /** Chooses the error of an attempt whose legs all died, from all errors in the order of the deaths. @default the last */
  readonly worst?: ((errors: readonly unknown[]) => unknown) | undefined;
}

/**
 * Starts a second leg on another peer when the first is slow to begin, or dies. The first value of either cancels the other.
 *
 *     peer A    ------------a|
 *     peer B         ---b--c|        after 5
 *     result    --------b--c|
 *
 *     peer A    ---#
 *     peer B       ---b--c|          at once
 *     result    ------b--c|
 *
 * Nobody is hedged once a value has come; from then on only a leg that dies is replaced, so the attempt function must know where to go on. The other peer is
 * `context.backup()`. When there is none or `allow` refuses, what is slow is looked at again every 250 ms; after `maxExtra` legs what runs goes on alone. When
 * nothing runs, the attempt errors. No more than two legs run at once. A value at exactly the limit counts. Unsubscribing cancels both legs and the timer.
 *
 * After the hedged requests of Dean and Barroso, "The Tail at Scale" (2013), and of gRPC (A6), which bounds them by a budget and
 * replaces at once what failed, as this does.
 *
 * @throws whatever `worst` chooses, or a callback throws.
 * @throws RangeError for an `after` that no timer can hold, a `maxExtra` below 0: a number at the call, a function when it tells it.
 *
 * @example
 * const budget = retryBudget();
 * const allow = (reason: HedgeReason) => budget.tryTake(1, reason === "dead" ? 0 : 10);
 * of([mirrorA, mirrorB]).pipe(retryWithPeerSwitch(hedge({ after: 2000, allow })(fetchText), { budget }))
 */
export function hedge(config: HedgeConfig): <P, T>(attempt: AttemptFn<P, T>) => AttemptFn<P, T> {
  checkOptions("hedge", config, shapes);
  const { after, maxExtra = 1, allow = () => true, ...rest } = config;
  if (typeof after !== "function") requireBetween("after", after, 0, longestDelayMs);
  requireBetween("maxExtra", maxExtra, 0, Infinity);
  return <P, T>(attempt: AttemptFn<P, T>) =>
    raceLegs<P>({ ...rest, backups: (race) => hedges(race, { after, maxExtra, ...keepingSpare(race, allow) }) })(
      attempt,
    );
}

const shapes: OptionShapes<HedgeConfig> = {
  after: either(anyNumber, aFunction),
  maxExtra: anyNumber,
  allow: aFunction,
  worst: aFunction,
};

/** The wait before a peer that was not to be had is looked for again, ms. */
const againMs = 250;

type Allow = (reason: HedgeReason) => boolean;

/** A peer that was named for a leg that was not allowed is not named again by the context, and may be wanted later. */
function keepingSpare<P>({ context }: Race<P>, allow: Allow): { backup: () => P | undefined; allow: Allow } {
  let spare: P | undefined;
  return {
    backup: () => (spare = context.backup() ?? spare),
    allow: (reason) => {
      const allowed = allow(reason);
      if (allowed) spare = undefined;
      return allowed;
    },
  };
}

export interface Hedging<P> {
  /** Milliseconds, as in `HedgeConfig`. */
  readonly after: number | (() => number);
  readonly maxExtra: number;
  /** A peer that could run one more leg now; asked when one is wanted. */
  readonly backup: () => P | undefined;
  readonly allow: Allow;
}

/** The backups of `hedge`, for a `raceLegs` that has others too. By hand, and not of operators: most attempts need no more of it than its timer. */
export function hedges<P>(race: Race<P>, { after, maxExtra, backup, allow }: Hedging<P>): Observable<Backup<P>> {
  return new Observable((subscriber) => {
    const { scheduler } = race.context;
    let extra = 0;
    let wait = Subscription.EMPTY;
    const afterMs = (): number => {
      const ms = typeof after === "number" ? after : after();
      requireBetween("after", ms, 0, longestDelayMs);
      return ms;
    };
    subscriber.add(() => wait.unsubscribe());

    /** Does what a timer or a death calls for; what a callback throws in it ends the race. */
    const guarded = (work: () => void) => (): void => {
      try {
        work();
      } catch (error) {
        subscriber.error(error);
      }
    };
    const watch = (tellMs: () => number): void => {
      wait.unsubscribe();
      if (subscriber.closed || race.begun || extra >= maxExtra) return; // whoever allowed it may have left
      // One more turn, so that what arrives in this very millisecond comes first.
      wait = scheduler.schedule(() => (wait = scheduler.schedule(look, 0)), tellMs());
    };
    const look = guarded(() => {
      watch(() => againMs);
      want("slow-first-byte");
    });
    const want = (reason: HedgeReason): void => {
      if (extra >= maxExtra || race.living >= 2) return;
      // The peer comes before the permission: with nobody to ask, none is used up.
      const peer = backup();
      if (peer === undefined || !allow(reason)) return;
      extra += 1;
      watch(afterMs);
      subscriber.next({ peer, reason });
    };

    subscriber.add(race.deaths.subscribe(guarded(() => want("dead"))));
    subscriber.add(race.firstValues.subscribe(() => wait.unsubscribe()));
    guarded(() => watch(afterMs))();
  });
}
