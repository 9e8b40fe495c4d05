import type { AttemptContext } from "./attempt.js";
import type { Rotation } from "./Rotation.js";

type Known<P> = Omit<AttemptContext<P>, "backup">;

/** One attempt: who is asked, what the attempt function may know and do, and how it went. */
export class RetryAttempt<P> {
  readonly peer: P;
  readonly context: AttemptContext<P>;
  /** Whether it brought a value. */
  begun = false;
  error: unknown = undefined;
  failedAt = NaN;
  /** Whether the next attempt is made at once only with somebody new. */
  rests = false;
  /** When somebody who is not new may be asked. */
  restUntil: number | undefined = undefined;

  constructor(peer: P, rotation: Rotation<P>, { attempt, retry, deadlineAt, scheduler, emit }: Known<P>) {
    this.peer = peer;
    let named: Set<P> | undefined;
    const backup = (): P | undefined => {
      named ??= new Set([peer]);
      const other = rotation.other(peer, named);
      if (other !== undefined) named.add(other);
      return other;
    };
    this.context = { attempt, retry, deadlineAt, scheduler, backup, emit };
  }

  /** Why it failed, in a word or a sentence. */
  get reason(): string {
    const { error } = this;
    if (typeof error !== "object" || error === null) return String(error);
    const { code, message } = error as { code?: unknown; message?: unknown };
    return typeof code === "string" ? code : typeof message === "string" ? message : "failed";
  }
}
