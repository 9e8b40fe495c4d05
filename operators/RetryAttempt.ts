import type { SchedulerLike, Subscriber } from "rxjs";
import { from, Observable, Subscription } from "rxjs";
import type { AttemptContext, AttemptFn } from "./attempt.js";
import { AttemptTimeoutError } from "./AttemptTimeoutError.js";
import { CancellableContext } from "./CancellableContext.js";
import type { PeerTurn } from "./PeerCircuit.js";
import type { RetryVerdict } from "./RetryEvent.js";
import type { Rotation } from "./Rotation.js";

/** The listener to an attempt: its first value, and its end, when it has been torn down. */
interface Outcome<P> {
  begun(): void;
  succeeded(peer: P): void;
  failed(attempt: RetryAttempt<P>): void;
}

/** One attempt: who is asked, what the attempt function may know and do, and how it went. */
export class RetryAttempt<P> {
  readonly peer: P;
  readonly context: CancellableContext<P>;
  /** True when it brought a value. */
  begun = false;
  error: unknown = undefined;
  failedAt = NaN;
  verdict: RetryVerdict | undefined = undefined;
  /** The peer's turn with the shared health, which hears how it goes. */
  turn: PeerTurn | undefined = undefined;
  /** True when the next attempt is made at once only with somebody new. */
  rests = false;
  /** When somebody who is not new may be asked. */
  restUntil: number | undefined = undefined;
  #failed = false;
  #succeeded = false;
  /** The peer, and those that stood in beside it. */
  #named: Set<P> | undefined;

  constructor(
    peer: P,
    rotation: Rotation<P>,
    { attempt, retry, deadlineAt, scheduler, emit }: Omit<AttemptContext<P>, "backup" | "signal">,
  ) {
    this.peer = peer;
    const backup = (): P | undefined => {
      const named = (this.#named ??= new Set([peer]));
      const other = rotation.other(peer, named);
      if (other !== undefined) named.add(other);
      return other;
    };
    this.context = new CancellableContext({ attempt, retry, deadlineAt, scheduler, backup, emit });
  }

  /** Asks the peer. Values go to the result, whose end cancels it; the limit is needed only when it does not end at once. */
  run<T>(ask: AttemptFn<P, T>, result: Subscriber<T>, limitMs: () => number, outcome: Outcome<P>): void {
    const asked = new Observable<T>((subscriber) => {
      result.add(subscriber); // now: an attempt without end may run before `subscribe` returns
      const input = this.#input(ask, result);
      if (input === undefined) return;
      input.subscribe(subscriber);
      if (!subscriber.closed) subscriber.add(limitAttempt(subscriber, limitMs(), this.context.scheduler));
    }).subscribe({
      next: (value) => {
        if (!this.begun) {
          if (!this.#hadHelp) this.turn?.answered();
          outcome.begun();
        }
        this.begun = true;
        result.next(value);
      },
      error: (error: unknown) => this.#fail(error),
      complete: () => {
        this.#succeeded = this.begun;
        if (this.begun) {
          this.turn?.over();
          outcome.succeeded(this.peer);
        } else this.#fail(new Error("the attempt completed without a value"));
      },
    });
    asked.add(() => {
      if (!this.#succeeded) this.context.abort(this.#failed ? this.error : undefined);
      if (this.#failed) outcome.failed(this);
      this.turn?.over();
    });
  }

  /**
   * The attempt as an observable, or nothing when the call is a mistake that no retry mends: a `TypeError` that it throws, or something returned
   * that cannot be subscribed to, ends the result.
   */
  #input<T>(ask: AttemptFn<P, T>, result: Subscriber<T>): Observable<T> | undefined {
    try {
      return from(ask(this.peer, this.context));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      result.error(error);
      return undefined;
    }
  }

  /** True when another peer may have brought what came: then it says nothing good of this one. */
  get #hadHelp(): boolean {
    return this.#named !== undefined && this.#named.size > 1;
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.error = error;
  }

  /** Why it failed, in a word or a sentence. */
  get reason(): string {
    const { error } = this;
    if (typeof error !== "object" || error === null) return String(error);
    const { code, message } = error as { code?: unknown; message?: unknown };
    return typeof code === "string" ? code : typeof message === "string" ? message : "failed";
  }
}

/**
 * Errors the attempt that runs, with an `AttemptTimeoutError`, when it has not ended after `ms` of the scheduler's time; an end at
 * exactly `ms` counts.
 */
function limitAttempt(attempt: Subscriber<unknown>, ms: number, scheduler: SchedulerLike): Subscription {
  if (ms === Infinity) return Subscription.EMPTY;
  return scheduler.schedule<boolean>(
    function (isOver) {
      if (isOver) attempt.error(new AttemptTimeoutError(ms));
      else this.schedule(true, 0); // one more turn, so that what arrives in this very millisecond comes first
    },
    ms,
    false,
  );
}
