import {
  checkOptions,
  checkShape,
  type OptionShape,
  type OptionShapes,
  shownValue,
  unknownOption,
} from "./checkOptions.js";
import { longestDelayMs } from "./defaults.js";
import { aFunction, aNumber, aScheduler } from "./optionShapes.js";
import type { RetryVerdict } from "./RetryEvent.js";
import type { Classified, RetryWithPeerSwitchConfig } from "./RetryWithPeerSwitchConfig.js";

/** Returns the wait, or throws a RangeError when no timer can keep it. */
export function checkDelay(ms: number): number {
  if (typeof ms === "number" && ms >= 0 && ms <= longestDelayMs) return ms;
  throw new RangeError(`a retry's delay is ${String(ms)} ms; it must be from 0 to ${longestDelayMs} ms`);
}

/** Returns the number, or throws a RangeError when it is no number of retries. */
export function checkRetries(told: number): number {
  if (Number.isInteger(told) && told >= 0) return told;
  throw new RangeError(`maxRetries tells ${shownValue(told)}; it must be a whole number from 0`);
}

const known: ReadonlySet<string> = new Set<keyof Classified>(["verdict", "notBeforeMs", "restMs", "progressed"]);
const verdicts: ReadonlySet<unknown> = new Set<RetryVerdict>(["retry", "switch", "fail", "continue"]);

/** Returns what `classify` said in its long form, or throws a TypeError when it said nothing that can be done. */
export function checkVerdict(told: RetryVerdict | Classified): Classified {
  const isObject = typeof told === "object" && (told as unknown) !== null;
  const classified = typeof told === "object" && isObject ? told : { verdict: told as RetryVerdict };
  if (verdicts.has(classified.verdict)) {
    for (const name in classified) if (!known.has(name)) throw unknownOption(name, [...known], "a verdict");
    return classified;
  }
  const what = isObject ? `an object whose verdict is ${quote(classified.verdict)}` : quote(told);
  throw new TypeError(
    `classify returned ${what}; it must return "retry", "switch", "fail" or "continue", ` +
      "or an object with one of them as its verdict",
  );
}

/** Tells whether a list of peers is one; a string would be a list of its letters. */
export function isList(list: unknown): boolean {
  return typeof list === "object" && list !== null && Symbol.iterator in list;
}

/** Returns the list, or throws a TypeError when it is none. */
export function checkPeers<P>(list: Iterable<P>): Iterable<P> {
  if (isList(list)) return list;
  throw new TypeError(`the source emitted ${quote(list)}; it must emit lists of peers, such as of([peerA, peerB])`);
}

const wholeFrom0: OptionShape = {
  must: "a whole number from 0",
  fits: (value) => Number.isInteger(value) && (value as number) >= 0,
};
const limitMs: OptionShape = {
  must: `from 0 to ${longestDelayMs} ms, or Infinity`,
  fits: (value) => value === Infinity || aNumber(0, longestDelayMs).fits(value),
};

const shapes: OptionShapes<RetryWithPeerSwitchConfig<unknown>> = {
  maxRetries: {
    must: `${wholeFrom0.must}, or a function that tells one`,
    fits: (value) => wholeFrom0.fits(value) || aFunction.fits(value),
  },
  samePeerRetries: wholeFrom0,
  attemptTimeoutMs: limitMs,
  deadlineMs: limitMs,
  backoff: aFunction,
  classify: aFunction,
  select: aFunction,
  budget: {
    must: "a budget, such as retryBudget()",
    fits: (value) => typeof (Object(value) as { readonly tokens?: unknown }).tokens === "number",
  },
  health: {
    must: "a health, such as sharedHealth()",
    fits: (value) => typeof (Object(value) as { readonly asked?: unknown }).asked === "function",
  },
  onEvent: aFunction,
  scheduler: aScheduler,
  random: aFunction,
};

/** Throws a TypeError or a RangeError that names the first option that cannot be. */
export function checkConfig(attempt: unknown, config: object): void {
  checkShape("attempt", attempt, aFunction);
  checkOptions("retryWithPeerSwitch", config, shapes);
}

function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
