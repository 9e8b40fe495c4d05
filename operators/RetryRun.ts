import type { Subscriber } from "rxjs";
import { catchError, from, map, Observable, retry, takeUntil, tap, throwError, throwIfEmpty } from "rxjs";
import { Deadline } from "./Deadline.js";
import { limitAttempt } from "./limitTime.js";
import { RetryAttempt } from "./RetryAttempt.js";
import type { RetryBudget } from "./retryBudget.js";
import { checkDelay, checkPeers, checkRetries, checkVerdict } from "./retryChecks.js";
import type { UntimedRetryEvent } from "./RetryEvent.js";
import type { GiveUpReason } from "./RetryGaveUpError.js";
import { RetryGaveUpError } from "./RetryGaveUpError.js";
import type { RetryPolicy } from "./retryPolicy.js";
import { Rotation } from "./Rotation.js";

/**
 * One subscription of `retryWithPeerSwitch`. A turn has five steps, which stand below in their order:
 *
 *     choose ── peer ──▶ execute ── error ──▶ judge ──▶ report ──▶ wait ──▶ choose ...
 *       │ nobody            │ end               │ "fail"   │ too many
 *       ▼                   ▼                   ▼          ▼
 *     starved ▶ no-peers  success             permanent  exhausted, budget, deadline
 *
 * The wheel is rxjs's `retry({ delay })`: its source is a turn, its notifier a wait. Because `retry` asks for the notifier before what
 * failed is torn down, the judgement stands in the teardown. Errors of callbacks and the end of patience pass the wheel by, to the result.
 * Timers, sets and listeners are made when first needed: a success at the first attempt costs little more than the attempt.
 */
export class RetryRun<P, T> {
  readonly #policy: RetryPolicy<P, T>;
  readonly #result: Subscriber<T>;
  readonly #rotation: Rotation<P>;
  readonly #deadline: Deadline;
  #complete = false;
  /** Looks again, for the turn that found nobody. */
  #lookAgain: (() => void) | undefined;
  #attempts = 0;
  #retries = 0;
  /** Rests in a row, without a value between them. */
  #rests = 0;
  #last: RetryAttempt<P> | undefined;
  /** Who waits for what comes of the failure. */
  #due: Subscriber<void> | undefined;

  constructor(policy: RetryPolicy<P, T>, result: Subscriber<T>) {
    this.#policy = policy;
    this.#result = result;
    this.#rotation = new Rotation(policy.select, policy.samePeerRetries);
    this.#deadline = new Deadline(policy.deadlineMs, policy.scheduler);
  }

  start(source: Observable<Iterable<P>>): void {
    const look = (): void => this.#lookAgain?.();
    const watch = source.subscribe({
      next: (list) =>
        this.#step(() => {
          this.#rotation.candidates = checkPeers(list);
          look();
        }),
      error: (error: unknown) => this.#result.error(error),
      complete: () =>
        this.#step(() => {
          this.#complete = true;
          look();
        }),
    });
    this.#result.add(watch);
    if (this.#result.closed) return;
    new Observable<T>((turn) => this.#step(() => this.#choose(turn)))
      .pipe(retry({ delay: (error) => this.#afterTeardown(error) }))
      .subscribe(this.#result);
  }

  #choose(turn: Subscriber<T>): void {
    const peer = this.#rotation.next();
    if (peer === undefined) {
      this.#starve(turn);
      return;
    }
    this.#lookAgain = undefined;
    const restMs = this.#restMs(peer);
    if (restMs === 0) this.#execute(peer, turn);
    else turn.add(this.#policy.scheduler.schedule(() => this.#step(() => this.#choose(turn)), restMs));
  }

  #starve(turn: Subscriber<T>): void {
    if (this.#complete) throw this.#giveUp("no-peers");
    if (this.#lookAgain !== undefined) return;
    this.#emit({ type: "starved" });
    if (this.#last !== undefined) this.#last.rests = false;
    const patience = this.#patience().subscribe({ error: (error: unknown) => this.#result.error(error) });
    turn.add(patience);
    this.#lookAgain = () => {
      this.#choose(turn);
      if (this.#lookAgain === undefined) patience.unsubscribe();
    };
  }

  /**
   * How much longer a peer rests that had its chance since the last value, after a `continue` that named no wait and found it there: so no
   * policy becomes a storm. Whoever was waited for has rested.
   */
  #restMs(peer: P): number {
    const last = this.#last;
    if (last?.rests !== true || !this.#rotation.isStale(peer)) return 0;
    last.restUntil ??= last.failedAt + checkDelay(this.#policy.backoff(++this.#rests, last.context));
    const restMs = last.restUntil - this.#policy.scheduler.now();
    return restMs > 0 ? this.#inTime(restMs) : 0;
  }

  #execute(peer: P, turn: Subscriber<T>): void {
    const { attempt, attemptTimeoutMs, scheduler } = this.#policy;
    const before = this.#last;
    const current = this.#attemptWith(peer);
    const { context } = current;
    this.#last = current;
    if (before !== undefined && before.peer !== peer) {
      this.#emit({ type: "switch", from: before.peer, to: peer, reason: before.reason });
      this.#rotation.switchedTo(peer);
    }
    this.#emit({ type: "attempt", peer, attempt: context.attempt });
    if (this.#result.closed) return; // whoever was told has left
    try {
      from(attempt(peer, context)).pipe(tap(this.#heard)).subscribe(turn);
    } catch (error) {
      turn.error(error);
    }
    if (!turn.closed) turn.add(limitAttempt(turn, Math.min(attemptTimeoutMs, this.#deadline.leftMs), scheduler));
    turn.add(() => this.#step(() => this.#judge()));
  }

  readonly #heard = {
    next: (): void => {
      const attempt = this.#last;
      if (attempt === undefined || attempt.begun) return;
      attempt.begun = true;
      this.#rests = 0;
      this.#rotation.refreshed();
    },
    complete: (): void => {
      const attempt = this.#last;
      if (attempt?.begun !== true) throw new Error("the attempt completed without a value");
      this.#policy.budget?.succeeded();
      this.#emit({ type: "success", peer: attempt.peer, attempts: this.#attempts });
    },
  };

  #afterTeardown(error: unknown): Observable<void> {
    return new Observable((due) => {
      if (this.#last !== undefined) this.#last.error = error;
      this.#due = due;
    });
  }

  #judge(): void {
    const [failed, due] = [this.#last, this.#due];
    if (failed === undefined || due === undefined) return; // it succeeded, or nobody listens any more
    this.#due = undefined;
    const { peer, error, context, begun } = failed;
    failed.failedAt = this.#policy.scheduler.now();
    const { verdict, notBeforeMs = 0, progressed = false } = checkVerdict(this.#policy.classify(error, context));
    failed.rests = verdict === "continue" && notBeforeMs === 0;
    this.#emit({ type: "failed", peer, error, verdict });
    if (verdict === "fail") throw this.#giveUp("permanent");
    this.#rotation.failed(peer, verdict, !begun);
    if (progressed) this.#deadline.startAgain();
    if (verdict === "retry") this.#report(failed, checkDelay(notBeforeMs), due);
    else this.#wait(this.#inTime(notBeforeMs), due);
  }

  /** A retry is told, if there may be one more, and in time. */
  #report({ peer, context }: RetryAttempt<P>, notBeforeMs: number, due: Subscriber<void>): void {
    const { maxRetries, backoff, budget } = this.#policy;
    const most = typeof maxRetries === "number" ? maxRetries : checkRetries(maxRetries());
    if (this.#retries >= most) throw this.#giveUp("exhausted");
    if (budget?.isSpent === true) throw this.#giveUp("budget");
    const retry = ++this.#retries;
    const delayMs = this.#inTime(Math.max(notBeforeMs, checkDelay(backoff(retry, { ...context, retry }))));
    this.#emit({ type: "retry", retry, maxRetries: most, delayMs, peer });
    this.#wait(delayMs, due, budget);
  }

  #wait(delayMs: number, due: Subscriber<void>, budget?: RetryBudget): void {
    const end = budget === undefined ? () => due.next() : () => this.#step(() => this.#pay(budget, due));
    due.add(this.#policy.scheduler.schedule(end, delayMs));
  }

  #pay(budget: RetryBudget, due: Subscriber<void>): void {
    if (budget.tokens < 1) this.#emit({ type: "budget-wait" });
    const paid = budget.take().pipe(
      throwIfEmpty(),
      catchError(() => throwError(() => this.#giveUp("budget"))),
      takeUntil(this.#patience()),
    );
    due.add(paid.subscribe({ next: () => due.next(), error: (error: unknown) => this.#result.error(error) }));
  }

  /** The delay, if it ends before the deadline. */
  #inTime(delayMs: number): number {
    if (!this.#deadline.allows(checkDelay(delayMs))) throw this.#giveUp("deadline");
    return delayMs;
  }

  /** Errors when the patience ends. */
  #patience(): Observable<never> {
    return this.#deadline.passes().pipe(
      map(() => {
        throw this.#giveUp("deadline");
      }),
    );
  }

  #giveUp(reason: GiveUpReason): RetryGaveUpError {
    this.#emit({ type: "gave-up", reason });
    return new RetryGaveUpError(reason, this.#attempts, this.#last?.error);
  }

  /** Does a step; what a callback throws in it, or a step to end all, is the end. */
  #step(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#result.error(error);
    }
  }

  #emit(event: UntimedRetryEvent<P>): void {
    const { onEvent, scheduler } = this.#policy;
    if (onEvent === undefined) return;
    try {
      onEvent({ ...event, at: scheduler.now() });
    } catch (error) {
      throwError(() => error).subscribe();
    }
  }

  #attemptWith(peer: P): RetryAttempt<P> {
    return new RetryAttempt(peer, this.#rotation, {
      attempt: this.#attempts++,
      retry: this.#retries,
      deadlineAt: this.#deadline.at,
      scheduler: this.#policy.scheduler,
      emit: (event) => this.#emit(event),
    });
  }
}
