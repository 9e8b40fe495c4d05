import { printable } from "./printable.js";
import type { DownloadErrorCode } from "./verdicts.js";

/** The subject of an error, as far as it is known; an error has the same. */
export interface DownloadErrorDetails {
  readonly cause?: unknown;
  /** 0-based. */
  readonly chunk?: number | undefined;
  readonly peer?: string | undefined;
  readonly attempt?: number | undefined;
  /** How long a busy peer asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The only error that a download ends with. `code` decides what happens next; `message` is for people: one line of bounded length, without anything that a
 * terminal would obey, whoever chose its words.
 */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
  readonly code: DownloadErrorCode;
  readonly chunk: number | undefined;
  readonly peer: string | undefined;
  readonly attempt: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: DownloadErrorCode, message: string, details: DownloadErrorDetails = {}) {
    super(printable(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.chunk = details.chunk;
    this.peer = details.peer;
    this.attempt = details.attempt;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The error as plain data, for logs: `message` is not enumerable by itself. The cause is told by its words. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, code, message, chunk, peer, attempt, retryAfterMs, cause } = this;
    const why = cause instanceof Error && !(cause instanceof DownloadError) ? String(cause) : cause;
    return { name, code, message, chunk, peer, attempt, retryAfterMs, ...(why !== undefined && { cause: why }) };
  }
}
