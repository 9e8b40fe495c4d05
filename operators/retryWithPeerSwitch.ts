import type { Observable, OperatorFunction, SchedulerLike } from "rxjs";
import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  NEVER,
  of,
  retry,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
  throwIfEmpty,
  timer,
} from "rxjs";
import type { AttemptContext, AttemptFn } from "./attempt.js";
import { exponentialBackoff } from "./backoff.js";
import { defaultRandom, defaults } from "./defaults.js";
import { limitTime } from "./limitTime.js";
import type { RetryBudget } from "./retryBudget.js";
import type { RetryEvent, RetryVerdict, UntimedRetryEvent } from "./RetryEvent.js";
import { RetryGaveUpError } from "./RetryGaveUpError.js";
import type { GiveUpReason } from "./RetryGaveUpError.js";
import type { Lookup, Selection } from "./selectPeer.js";
import { selectPeer } from "./selectPeer.js";
import { checkConfig, checkDelay, checkRetries } from "./retryChecks.js";

/** Every member is optional; together the defaults wait 1, 2 and 4 s, and switch before the third retry. */
export interface RetryWithPeerSwitchConfig<P> {
  /** Retries after the first attempt, 0 for none; a function is asked whenever a retry is due. @default 3 */
  readonly maxRetries?: number | (() => number);
  /** Retries on one peer before another is asked. @default 2 */
  readonly samePeerRetries?: number;
  /** Wait in ms before retry n (1-based). @default 1, 2, 4, 8, 8 s ... */
  readonly backoff?: (retry: number, context: AttemptContext<P>) => number;
  /** Limit of one attempt, ms; `Infinity` for none. @default 60000 */
  readonly attemptTimeoutMs?: number;
  /** Limit of all attempts and waits together, ms from subscription; `Infinity` for none. @default 300000 */
  readonly deadlineMs?: number;
  /** What a failure means; `notBeforeMs` is the least wait, ms from the failure. @default every error is "retry" */
  readonly classify?: (error: unknown, context: AttemptContext<P>) => RetryVerdict | Classified;
  /** Which peer to ask next. @default `selectPeer` */
  readonly select?: (candidates: Iterable<P>, selection: Selection<P>) => P | undefined;
  /** Shared by many operators: each retry takes a token when it is due, and waits for one. */
  readonly budget?: RetryBudget;
  /** Sees every step. It may not throw; if it does, that is reported as unhandled and changes nothing. */
  readonly onEvent?: (event: RetryEvent<P>) => void;
  /** @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
  /** Chance for the default backoff. @default Math.random */
  readonly random?: () => number;
}

export interface Classified {
  readonly verdict: RetryVerdict;
  /** The least wait, ms from the failure. @default 0 */
  readonly notBeforeMs?: number;
  /** The attempt got further before it broke: the deadline starts again. @default false */
  readonly progressed?: boolean;
}

/** How an attempt ended badly, as a value: so that it is torn down before anything is decided. */
class Failed<P> {
  readonly error: unknown;
  readonly peer: P;
  readonly context: AttemptContext<P>;

  constructor(error: unknown, peer: P, context: AttemptContext<P>) {
    this.error = error;
    this.peer = peer;
    this.context = context;
  }
}

/**
 * Asks a peer, waits, asks again, switches to another, gives up.
 *
 * The source tells who can be asked: an emission means "look again" and is read only when a decision is due, so that a
 * plain array, a `Set` and a live view all fit. `attempt` is run with one peer at a time; its values pass through.
 *
 *     source   a-----------------------|        a = [A, B]
 *     A        #  #     #
 *     B                             x|
 *     result   ---------------------x|          0, 1, 3 and 7 s
 *
 * - no candidate is a wait; a source that completes with nobody left to ask ends it
 * - a peer that leaves in mid-attempt does not abort the attempt
 * - an attempt that completes without a value has failed; values already emitted are not taken back
 * - one instance serves many subscribers, each with counts of its own
 * - unsubscribing stops the attempt, the timer and the source in the same frame
 *
 * @example
 * of([mirrorA, mirrorB]).pipe(retryWithPeerSwitch((url) => fetchText(url)))
 *
 * @throws RetryGaveUpError, whose `reason` says why and whose `cause` is the last real error.
 * @throws whatever the source or a callback other than `onEvent` throws, as it is.
 * @throws TypeError or RangeError at the call for a config that cannot be; RangeError for a delay that no timer can keep, or a told
 * number of retries that is none.
 */
export function retryWithPeerSwitch<P, T>(
  attempt: AttemptFn<P, T>,
  config: RetryWithPeerSwitchConfig<P> = {},
): OperatorFunction<Iterable<P>, T> {
  checkConfig(attempt, config);
  const {
    maxRetries = defaults.maxRetries,
    samePeerRetries = defaults.samePeerRetries,
    attemptTimeoutMs = defaults.attemptTimeoutMs,
    deadlineMs = defaults.deadlineMs,
    random = defaultRandom,
    backoff = exponentialBackoff({ random }),
    classify = () => "retry" as const,
    select = selectPeer,
    scheduler = asyncScheduler,
    budget,
    onEvent,
  } = config;

  return (source) =>
    defer(() => {
      const look = new Subject<void>();
      const ended = new Subject<void>();
      const never = new Set<P>();
      const avoid = new Set<P>();
      let candidates: Iterable<P> = [];
      let complete = false;
      let attempts = 0;
      let retries = 0;
      let deadlineAt = scheduler.now() + deadlineMs;
      let last: Failed<P> | undefined;
      /** Retries in a row on the peer asked last. */
      let streak = 0;
      let stay = true;

      const emit = (event: UntimedRetryEvent<P>): void => {
        if (onEvent === undefined) return;
        try {
          onEvent({ ...event, at: scheduler.now() });
        } catch (error) {
          throwError(() => error).subscribe();
        }
      };

      const giveUp = (reason: GiveUpReason): RetryGaveUpError => {
        emit({ type: "gave-up", reason });
        return new RetryGaveUpError(reason, attempts, last?.error);
      };

      /** Errors when the patience ends. */
      const patience = (): Observable<never> =>
        deadlineAt === Infinity
          ? NEVER
          : timer(Math.max(0, deadlineAt - scheduler.now()), scheduler).pipe(map(() => raise(giveUp("deadline"))));

      const passedOver = (): Lookup<P> => (stay || last === undefined ? avoid : either(new Set([last.peer]), avoid));

      const pick = (): P | undefined => select(candidates, { last: last?.peer, stay, avoid: passedOver(), never });

      const nextPeer = defer(() => {
        const peer = pick();
        if (peer !== undefined) return of(peer);
        if (complete) throw giveUp("no-peers");
        emit({ type: "starved" });
        return look.pipe(
          map(() => pick() ?? (complete ? raise(giveUp("no-peers")) : undefined)),
          concatMap((found) => (found === undefined ? EMPTY : of(found))),
          take(1),
          takeUntil(patience()),
        );
      });

      const ask = (peer: P): Observable<T | Failed<P>> => {
        const named = new Set([peer]);
        const context: AttemptContext<P> = {
          attempt: attempts++,
          retry: retries,
          deadlineAt,
          scheduler,
          backup: () => {
            const other = select(candidates, { last: peer, stay: false, avoid, never: either(named, never) });
            if (other !== undefined) named.add(other);
            return other;
          },
          emit: (event) => emit(event),
        };
        if (last !== undefined && last.peer !== peer) {
          emit({ type: "switch", from: last.peer, to: peer, reason: reasonOf(last.error) });
          streak = 0;
          if (avoid.delete(peer)) avoid.clear(); // everybody failed once around: a new round of the same turns
        }
        emit({ type: "attempt", peer, attempt: context.attempt });
        return defer(() => attempt(peer, context)).pipe(
          throwIfEmpty(() => new Error("the attempt completed without a value")),
          limitTime<T>(Math.max(0, Math.min(attemptTimeoutMs, deadlineAt - scheduler.now())), scheduler),
          tap({
            complete: () => {
              budget?.succeeded();
              emit({ type: "success", peer, attempts });
            },
          }),
          catchError((error: unknown) => of(new Failed(error, peer, context))),
        );
      };

      /** Waits until the next attempt is due, or errors when there is to be none. */
      const decide = (failed: unknown): Observable<unknown> => {
        if (!(failed instanceof Failed)) throw failed;
        last = failed as Failed<P>;
        const { error, peer, context } = last;
        const classified = classify(error, context);
        const {
          verdict,
          notBeforeMs = 0,
          progressed = false,
        } = typeof classified === "string" ? { verdict: classified } : classified;
        emit({ type: "failed", peer, error, verdict });
        if (verdict === "fail") throw giveUp("permanent");
        stay = verdict === "retry";
        if (verdict === "switch") never.add(peer);
        if (progressed) deadlineAt = scheduler.now() + deadlineMs;
        if (verdict !== "retry") return wait(inTime(notBeforeMs));

        const most = typeof maxRetries === "number" ? maxRetries : checkRetries(maxRetries());
        if (retries >= most) throw giveUp("exhausted");
        if (budget?.isSpent === true) throw giveUp("budget");
        retries++;
        stay = streak++ < samePeerRetries;
        if (!stay) avoid.add(peer);
        const delayMs = inTime(
          Math.max(checkDelay(notBeforeMs), checkDelay(backoff(retries, { ...context, retry: retries }))),
        );
        emit({ type: "retry", retry: retries, maxRetries: most, delayMs, peer });
        return budget === undefined ? wait(delayMs) : wait(delayMs).pipe(concatMap(() => pay(budget)));
      };

      const wait = (delayMs: number): Observable<unknown> => timer(delayMs, scheduler);

      /** The delay, if it ends before the deadline. */
      const inTime = (delayMs: number): number => {
        if (scheduler.now() + checkDelay(delayMs) >= deadlineAt) throw giveUp("deadline");
        return delayMs;
      };

      const pay = (bucket: RetryBudget): Observable<unknown> => {
        if (bucket.tokens < 1) emit({ type: "budget-wait" });
        return bucket.take().pipe(
          throwIfEmpty(), // retry() would take the end of its notifier for the end of the result
          catchError(() => throwError(() => giveUp("budget"))),
          takeUntil(patience()),
        );
      };

      const watch = source.pipe(
        tap({
          next: (seen) => {
            candidates = seen;
            look.next();
          },
          complete: () => {
            complete = true;
            look.next();
          },
        }),
        ignoreElements(),
        takeUntil(ended),
      );
      const answer = nextPeer.pipe(
        concatMap(ask),
        map((value) => (value instanceof Failed ? raise(value) : value)),
        retry({ delay: decide }),
        tap({ complete: () => ended.next() }),
      );
      return merge(watch, answer);
    });
}

/** Both as one, without a copy: thousands of peers may have been refused. */
function either<P>(one: Lookup<P>, other: Lookup<P>): Lookup<P> {
  return { has: (peer) => one.has(peer) || other.has(peer) };
}

/** Throws where an expression is wanted. */
function raise(error: unknown): never {
  throw error;
}

function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === "string" ? code : typeof message === "string" ? message : "failed";
}
