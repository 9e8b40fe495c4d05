import { checkOptions, checkShape, type OptionShape, type OptionShapes } from "./checkOptions.js";
import { defaultRandom, defaults, longestDelayMs } from "./defaults.js";
import { aFunction, aNumber } from "./optionShapes.js";

/**
 * How the delays of several waiters are spread, where `base` is the delay without jitter:
 * - `"none"`: exactly `base`.
 * - `"full"`: anywhere in [0, `base`].
 * - `"keyed"`: anywhere in [0, `base`] too, but a pure function of `context.key` and the retry, so that a run can be repeated.
 * - a ratio `r` from 0 to 1: anywhere in [`base` x (1 - r), `base` x (1 + r)], cut at the cap before the draw, so that capped
 *   delays are still spread.
 */
export type Jitter = "none" | "full" | "keyed" | number;

export interface ExponentialBackoffConfig {
  /** Milliseconds before retry 1. @default 1000 */
  readonly initialMs?: number | undefined;
  /** The factor of each further delay, at least 1. @default 2 */
  readonly multiplier?: number | undefined;
  /** The cap in milliseconds, jitter included. @default 8000 */
  readonly maxMs?: number | undefined;
  /** How delays are spread. @default "none" */
  readonly jitter?: Jitter | undefined;
  /** Chance, a number in [0, 1); used by `"full"` and by a ratio. @default Math.random */
  readonly random?: (() => number) | undefined;
}

const waitMs = aNumber(0, longestDelayMs);
const ratio = aNumber(0, 1);
const retryNumber: OptionShape = {
  must: "a whole number, at least 1",
  fits: (value) => Number.isInteger(value) && (value as number) >= 1,
};

/** A mode of jitter, or a ratio. */
export const aJitter: OptionShape = {
  must: '"none", "full", "keyed" or a number from 0 to 1',
  fits: (value) => ["none", "full", "keyed"].includes(value as string) || ratio.fits(value),
};

const shapes: OptionShapes<ExponentialBackoffConfig> = {
  initialMs: waitMs,
  multiplier: aNumber(1, Number.MAX_VALUE),
  maxMs: waitMs,
  jitter: aJitter,
  random: aFunction,
};

/** Facts that a delay may depend on besides the retry: `key` (a chunk's number, say) is read by `"keyed"` and is 0 when absent. */
export type BackoffContext = object & { readonly key?: number };

/** Milliseconds to wait before retry `retry`, which is 1 for the first. */
export type Backoff = (retry: number, context?: BackoffContext) => number;

/**
 * Delays that grow by a factor up to a cap: 1, 2, 4, 8, 8 s by default. Full jitter is that of Brooker, "Exponential Backoff and
 * Jitter" (AWS, 2015).
 *
 *     failure   -x---x-----x---------x-
 *     delay      |1s||2s  ||4s      |      initialMs 1000, multiplier 2
 *
 * @throws RangeError at the call when an option is not a number that it takes; at a delay when `retry` is not an integer of at least
 * 1, or `random` returns something outside [0, 1].
 */
export function exponentialBackoff(config: ExponentialBackoffConfig = {}): Backoff {
  checkOptions("exponentialBackoff", config, shapes);
  const { backoff } = defaults;
  const { initialMs = backoff.initialMs, multiplier = backoff.multiplier, maxMs = backoff.maxMs } = config;
  const { jitter = backoff.jitter, random = defaultRandom } = config;

  const draw = (low: number, high: number, chance: number): number => {
    checkShape("random()", chance, ratio);
    return Math.min(low + (high - low) * chance, high);
  };

  return (retry, context) => {
    checkShape("retry", retry, retryNumber);
    // A huge retry makes the power Infinity, and 0 x Infinity would be NaN.
    const base = initialMs === 0 ? 0 : Math.min(initialMs * multiplier ** (retry - 1), maxMs);
    if (jitter === "none") return base;
    if (jitter === "full") return draw(0, base, random());
    if (jitter === "keyed") return draw(0, base, chanceOf(context?.key ?? 0, retry));
    return draw(base * (1 - jitter), Math.min(base * (1 + jitter), maxMs), random());
  };
}

/** A number in [0, 1) out of two: the finalizer of MurmurHash3 over both halves of the key and the retry. */
function chanceOf(key: number, retry: number): number {
  let hash = 0x9e3779b9;
  for (const word of [key, key / 2 ** 32, retry, retry / 2 ** 32]) {
    hash = Math.imul(hash ^ word, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}
