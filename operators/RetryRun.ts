import type { Observable, Subscriber } from "rxjs";
import { catchError, first, Subscription, takeUntil, throwError } from "rxjs";
import { continued } from "./defaults.js";
import { RetryDeadline } from "./RetryDeadline.js";
import { RetryAttempt } from "./RetryAttempt.js";
import type { RetryBudget } from "./retryBudget.js";
import { checkDelay, checkPeers, checkRetries, checkVerdict } from "./retryChecks.js";
import { RetryJournal } from "./RetryJournal.js";
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
 * An attempt is torn down before it is judged: rxjs's `retry({ delay })` asks for its delay while the failed attempt is still open, and
 * costs half of what an attempt may cost here, so that the wheel is turned by hand. Waits of zero go through the scheduler too: failures in
 * a row do not grow the stack. Timers, sets and listeners are made when first needed.
 */
export class RetryRun<P, T> {
  readonly #policy: RetryPolicy<P, T>;
  readonly #result: Subscriber<T>;
  readonly #rotation: Rotation<P>;
  readonly #deadline: RetryDeadline;
  readonly #journal: RetryJournal<P>;
  #complete = false;
  /** Looks again, when nobody could be asked. */
  #lookAgain: (() => void) | undefined;
  /** Looks again when the first of those that rest may be asked. */
  #alarm = Subscription.EMPTY;
  #retries = 0;
  /** Rests in a row, without a value between them. */
  #rests = 0;
  /** When the next `continue` would be due if all of them had been spread evenly. */
  #pace = 0;
  #last: RetryAttempt<P> | undefined;

  constructor(policy: RetryPolicy<P, T>, result: Subscriber<T>) {
    this.#policy = policy;
    this.#result = result;
    this.#rotation = new Rotation(policy);
    this.#journal = new RetryJournal(policy.onEvent, policy.scheduler);
    this.#deadline = new RetryDeadline(policy.deadlineMs, policy.scheduler, () => this.#journal.giveUp("deadline"));
  }

  start(source: Observable<Iterable<P>>): void {
    const watch = source.subscribe({
      next: (list) => this.#seen(() => (this.#rotation.candidates = checkPeers(list))),
      error: (error: unknown) => this.#result.error(error),
      complete: () => this.#seen(() => (this.#complete = true)),
    });
    this.#result.add(watch);
    if (!this.#result.closed) this.#step(() => this.#choose());
  }

  #seen(change: () => unknown): void {
    this.#step(() => {
      change();
      if (this.#lookAgain === undefined) return;
      this.#pace = 0; // the source says when somebody is to be asked
      this.#lookAgain();
    });
  }

  #choose(): void {
    const peer = this.#rotation.next();
    if (peer === undefined) {
      this.#starve();
      return;
    }
    this.#lookAgain = undefined;
    const restMs = this.#restMs(peer);
    if (restMs > 0) this.#after(restMs, () => this.#choose());
    else this.#execute(peer);
  }

  /** Waits, while no peer can be asked, for the source to tell of one and for the first rest to end. */
  #starve(): void {
    const { restMs } = this.#rotation;
    if (this.#complete && restMs === Infinity) throw this.#journal.giveUp("no-peers");
    if (this.#complete && restMs >= this.#deadline.leftMs) {
      throw this.#journal.giveUp("deadline", new Error(`all peers rest, the first of them for ${restMs} ms more`));
    }
    this.#alarm.unsubscribe();
    if (restMs < Infinity) this.#alarm = this.#after(restMs, () => this.#lookAgain?.());
    if (this.#lookAgain !== undefined) return;
    this.#journal.tell({ type: "starved" });
    if (this.#last !== undefined) this.#last.rests = false;
    const patience = this.#deadline.passing().subscribe({ error: (error: unknown) => this.#result.error(error) });
    this.#result.add(patience);
    this.#lookAgain = () => {
      this.#choose();
      if (this.#lookAgain !== undefined) return;
      patience.unsubscribe();
      this.#alarm.unsubscribe();
    };
  }

  /**
   * How much longer a peer rests after a `continue`, so that no policy becomes a storm: one that had its chance since the last value, for the
   * backoff, if no wait was named and the peer was not waited for; and any but a new one while there were too many in a short time.
   */
  #restMs(peer: P): number {
    const last = this.#last;
    if (last?.verdict !== "continue") return 0;
    const isStale = this.#rotation.isStale(peer);
    if (!isStale && !last.begun) return 0;
    const spreadUntil = this.#pace - continued.burst * continued.everyMs;
    const restUntil = isStale && last.rests ? this.#restUntil(last) : spreadUntil;
    const restMs = Math.max(restUntil, spreadUntil) - this.#policy.scheduler.now();
    return restMs > 0 ? this.#deadline.allow(restMs) : 0;
  }

  #restUntil(last: RetryAttempt<P>): number {
    return (last.restUntil ??= last.failedAt + checkDelay(this.#policy.backoff(++this.#rests, last.context)));
  }

  #execute(peer: P): void {
    const { attempt, attemptTimeoutMs } = this.#policy;
    const before = this.#last;
    const current = this.#attemptWith(peer);
    this.#last = current;
    if (before !== undefined && before.peer !== peer) {
      this.#journal.tell({ type: "switch", from: before.peer, to: peer, reason: before.reason });
      this.#rotation.switchedTo(peer);
    }
    this.#journal.tell({ type: "attempt", peer, attempt: current.context.attempt });
    if (this.#result.closed) return; // whoever was told has left
    current.turn = this.#policy.health?.asked(peer);
    const limitMs = (): number => Math.min(attemptTimeoutMs, this.#deadline.leftMs);
    current.run(attempt, this.#result, limitMs, this.#outcome);
  }

  readonly #outcome = {
    begun: (): void => {
      this.#rests = 0;
      this.#rotation.refreshed();
    },
    succeeded: (peer: P): void =>
      this.#step(() => {
        this.#policy.budget?.succeeded();
        this.#journal.tell({ type: "success", peer, attempts: this.#journal.attempts });
        this.#result.complete();
      }),
    failed: (attempt: RetryAttempt<P>): void => this.#step(() => this.#judge(attempt)),
  };

  #judge(attempt: RetryAttempt<P>): void {
    const { peer, error, context, begun } = attempt;
    if (this.#result.closed) return;
    this.#journal.failed(peer, error);
    const now = this.#policy.scheduler.now();
    attempt.failedAt = now;
    const told = checkVerdict(this.#policy.classify(error, context));
    const { verdict, notBeforeMs = 0, restMs = 0, progressed = false } = told;
    if (checkDelay(restMs) > 0) this.#rotation.rest(peer, restMs);
    else if (verdict === "retry" || verdict === "switch") attempt.turn?.failed();
    attempt.turn?.over();
    attempt.verdict = verdict;
    attempt.rests = verdict === "continue" && notBeforeMs === 0 && restMs === 0;
    if (verdict === "continue") this.#pace = Math.max(this.#pace, now) + continued.everyMs;
    this.#journal.tell({ type: "failed", peer, error, verdict });
    if (verdict === "fail") throw this.#journal.giveUp("permanent");
    this.#rotation.failed(peer, verdict, !begun);
    if (progressed) this.#deadline.startAgain();
    if (verdict === "retry") this.#report(attempt, checkDelay(notBeforeMs));
    else this.#after(this.#deadline.allow(notBeforeMs), () => this.#choose());
  }

  /** A retry is told, if there may be one more, and in time. */
  #report({ peer, context }: RetryAttempt<P>, notBeforeMs: number): void {
    const { maxRetries, backoff, budget } = this.#policy;
    const most = typeof maxRetries === "number" ? maxRetries : checkRetries(maxRetries());
    if (this.#retries >= most) throw this.#journal.giveUp("exhausted");
    if (budget?.isSpent === true) throw this.#journal.giveUp("budget");
    const retry = ++this.#retries;
    const delayMs = this.#deadline.allow(Math.max(notBeforeMs, checkDelay(backoff(retry, context.before(retry)))));
    this.#journal.tell({ type: "retry", retry, maxRetries: most, delayMs, peer });
    this.#after(delayMs, () => (budget === undefined ? this.#choose() : this.#pay(budget)));
  }

  #after(delayMs: number, then: () => void): Subscription {
    const step = (): void => this.#step(then);
    const wait = this.#policy.scheduler.schedule(function () {
      this.unsubscribe(); // else the result would keep it
      step();
    }, delayMs);
    this.#result.add(wait);
    return wait;
  }

  #pay(budget: RetryBudget): void {
    if (budget.tokens < 1) this.#journal.tell({ type: "budget-wait" });
    const paid = budget.take().pipe(
      first(),
      catchError(() => throwError(() => this.#journal.giveUp("budget"))),
      takeUntil(this.#deadline.passing()),
    );
    this.#result.add(
      paid.subscribe({
        next: () => this.#step(() => this.#choose()),
        error: (error: unknown) => this.#result.error(error),
      }),
    );
  }

  /** Does a step; what a callback throws in it, or a step to end all, is the end. */
  #step(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#result.error(error);
    }
  }

  #attemptWith(peer: P): RetryAttempt<P> {
    return new RetryAttempt(peer, this.#rotation, {
      attempt: this.#journal.attempts++,
      retry: this.#retries,
      deadlineAt: this.#deadline.at,
      scheduler: this.#policy.scheduler,
      emit: (event) => this.#journal.tell(event),
    });
  }
}
