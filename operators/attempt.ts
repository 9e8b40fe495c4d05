import type { ObservableInput, SchedulerLike } from "rxjs";
import type { RetryEvent, UntimedRetryEvent } from "./RetryEvent.js";

/** Asks one peer once. Cold: each call is one attempt, and unsubscribing cancels it. */
export type AttemptFn<P, T> = (peer: P, context: AttemptContext<P>) => ObservableInput<T>;

/** The knowledge and the means of an attempt while it runs. */
export interface AttemptContext<P> {
  /** 0-based: how many attempts came before. */
  readonly attempt: number;
  /** How many retries were used so far; 0 in the first attempt. */
  readonly retry: number;
  /** Scheduler time, ms, at which the patience ends; `Infinity` for no deadline. */
  readonly deadlineAt: number;
  readonly scheduler: SchedulerLike;
  /**
   * Aborted when the attempt is not wanted any more: at unsubscribe, when its time is over, when another leg has won, or with the error it
   * failed with. Not when it succeeds, so that what it returned can still be read. Made when first read, from this object: a copy by
   * spread has none.
   */
  readonly signal: AbortSignal;
  /** Another peer that could serve now, or `undefined`. Each call names a peer that this attempt has not named before. */
  backup(): P | undefined;
  /** Adds an event, stamped with the time of this call, to the stream that `onEvent` sees. */
  emit(event: UntimedRetryEvent<P> | RetryEvent<P>): void;
}
