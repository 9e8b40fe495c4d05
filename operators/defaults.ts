/** The numbers of the bare operator, in one place. */
export const defaults = {
  /** Retries after the first attempt. */
  maxRetries: 3,
  /** Retries on one peer before a switch. */
  samePeerRetries: 2,
  /** Milliseconds for one attempt. */
  attemptTimeoutMs: 60_000,
  /** Milliseconds from the start to the end of all patience, waits included. */
  deadlineMs: 300_000,
  /** Waits of 1, 2, 4, 8, 8, 8 s. */
  backoff: { initialMs: 1000, multiplier: 2, maxMs: 8000, jitter: "none" },
  /** A burst of 20 retries, then one a second, and a fifth of one for each success. */
  budget: { capacity: 20, perSuccess: 0.2, perSecond: 1 },
  /** Three failures in a row, then left alone for 30 s, 1, 2, 4, 5, 5 min. */
  health: { failureThreshold: 3, firstBlacklistMs: 30_000, blacklistMs: 300_000 },
} as const;

/** The verdict `continue` asks a peer that is not new at most so often in one call: a burst, then one each so many ms, whatever waits it names. */
export const continued = { burst: 10, everyMs: 100 } as const;

/** The longest wait that a timer can hold, in milliseconds: a longer one would fire at once. */
export const longestDelayMs = 2 ** 31 - 1;

/** Chance, where the caller injects none: a number in [0, 1). The only place that names `Math.random`. */
export const defaultRandom = (): number => Math.random();
