/**
 * - `permanent`: `classify` said "fail"
 * - `exhausted`: all retries were used
 * - `deadline`: the patience ended, or the next wait could not end before it
 * - `budget`: the shared budget had nothing left in time
 * - `no-peers`: the source completed and nobody is left to ask
 */
export type GiveUpReason = "permanent" | "exhausted" | "deadline" | "budget" | "no-peers";

/** An attempt that failed. */
export interface FailedAttempt {
  readonly peer: unknown;
  readonly error: unknown;
}

/** The end of all attempts. `cause` is the last real error, if there was one; the message ends with its words. */
export class RetryGaveUpError extends Error {
  override readonly name = "RetryGaveUpError";
  readonly code = "RETRY_GAVE_UP";
  readonly reason: GiveUpReason;
  /** How many attempts there were. */
  readonly attempts: number;
  /** The attempts that failed, the last 16 of them, in their order. */
  readonly errors: readonly FailedAttempt[];

  constructor(reason: GiveUpReason, attempts: number, cause: unknown, errors: readonly FailedAttempt[] = []) {
    const begun = `gave up after ${attempts} ${attempts === 1 ? "attempt" : "attempts"}: ${reason}`;
    super(begun + lastWords(cause), cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.attempts = attempts;
    this.errors = errors;
  }

  /** The error as plain data, for logs: the words of errors, which have none in JSON, and the peers as they are. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, code, reason, message, attempts, cause } = this;
    const errors = this.errors.map(({ peer, error }) => ({ peer, error: inWords(error) }));
    return { name, code, reason, message, attempts, ...(cause !== undefined && { cause: inWords(cause) }), errors };
  }
}

/** The words of the last error, which are what went wrong. */
function lastWords(cause: unknown): string {
  const { message } = Object(cause) as { readonly message?: unknown };
  const text = typeof message === "string" ? message : typeof cause === "string" ? cause : "";
  return text === "" ? "" : ` (the last error: ${text})`;
}

/** An error by its words; what else was thrown is its own data. */
function inWords(thrown: unknown): unknown {
  return thrown instanceof Error ? String(thrown) : thrown;
}
