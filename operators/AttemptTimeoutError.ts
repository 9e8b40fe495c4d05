/** The whole attempt took longer than it may. */
export class AttemptTimeoutError extends Error {
  override readonly name = "AttemptTimeoutError";
  readonly code = "TIMEOUT";

  constructor(ms: number) {
    super(`no end after ${ms} ms`);
  }

  /** The error as plain data, for logs: name, code and message, which JSON leaves out by itself. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, code, message } = this;
    return { name, code, message };
  }
}
