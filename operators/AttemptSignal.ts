/** The signal of one attempt, or of one leg of it, made when it is first read: most attempts never need one. */
export class AttemptSignal {
  #controller: AbortController | undefined;
  #over: { readonly reason: unknown } | undefined;

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
}
