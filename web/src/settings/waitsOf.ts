import { calculateBackoffDelay, type RetryConfig } from "../../../src/index.js";

/** One attempt of a chunk that fails every time. */
export interface PlannedAttempt {
  readonly attempt: number;
  /** Time from the first attempt, ms, if attempts take none. */
  readonly atMs: number;
  /** Wait before it, ms. */
  readonly waitMs: number;
  /** The place of the peer that is asked, from 0. */
  readonly peer: number;
}

/** Longest plan that is worth showing. */
const most = 12;

/** The attempts that a policy gives a chunk in one round when each fails at once, with as many peers as are wanted. */
export function plannedAttempts(retry: RetryConfig): readonly PlannedAttempt[] {
  const count = Math.min(most, retry.maxChunkRetries + 1);
  const attempts: PlannedAttempt[] = [];
  let atMs = 0;
  for (let attempt = 1; attempt <= count; attempt++) {
    const waitMs = attempt === 1 ? 0 : calculateBackoffDelay(attempt - 1, { ...retry, jitter: "none" });
    atMs += waitMs;
    attempts.push({ attempt, atMs, waitMs, peer: Math.floor((attempt - 1) / (retry.samePeerRetries + 1)) });
  }
  return attempts;
}
