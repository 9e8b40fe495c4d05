import type { SchedulerLike } from "rxjs";
import type { AttemptContext } from "./attempt.js";

/**
 * The context of one attempt, or of one leg of it, as its owner holds it, who can abort the signal. The signal is made when it is first read: most
 * attempts need none, and an `AbortController` costs more than all else of an attempt. For that it is read through the class; a
 * copy by spread would make it.
 */
export class CancellableContext<P> implements AttemptContext<P> {
  readonly attempt: number;
  readonly retry: number;
  readonly deadlineAt: number;
  readonly scheduler: SchedulerLike;
  readonly backup: () => P | undefined;
  readonly emit: AttemptContext<P>["emit"];
  #controller: AbortController | undefined;
  #over: { readonly reason: unknown } | undefined;

  constructor(of: Omit<AttemptContext<P>, "signal">) {
    this.attempt = of.attempt;
    this.retry = of.retry;
    this.deadlineAt = of.deadlineAt;
    this.scheduler = of.scheduler;
    this.backup = () => of.backup();
    this.emit = (event) => of.emit(event);
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over !== undefined) this.#controller.abort(this.#over.reason);
    return this.#controller.signal;
  }

  /** Ends what listens, with the reason or an `AbortError`. The first end counts, also for whoever reads the signal later. */
  abort(reason?: unknown): void {
    this.#over ??= { reason };
    this.#controller?.abort(this.#over.reason);
  }

  /** The context of an attempt that is over, as the backoff before this retry sees it. */
  before(retry: number): AttemptContext<P> {
    const { attempt, deadlineAt, scheduler, backup, emit } = this;
    const context = new CancellableContext({ attempt, retry, deadlineAt, scheduler, backup, emit });
    context.#over = this.#over;
    return context;
  }
}
