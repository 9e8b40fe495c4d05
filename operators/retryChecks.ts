import { longestDelayMs } from "./defaults.js";
import type { RetryVerdict } from "./RetryEvent.js";
import type { Classified } from "./RetryWithPeerSwitchConfig.js";

/** Returns the wait, or throws a RangeError when no timer can keep it. */
export function checkDelay(ms: number): number {
  if (typeof ms === "number" && ms >= 0 && ms <= longestDelayMs) return ms;
  throw new RangeError(`a retry's delay is ${String(ms)} ms; it must be from 0 to ${longestDelayMs} ms`);
}

/** Returns the number, or throws a RangeError when it is no number of retries. */
export function checkRetries(told: number): number {
  if (Number.isInteger(told) && told >= 0) return told;
  throw new RangeError(`maxRetries tells ${show(told)}; it must be a whole number from 0`);
}

const verdicts: ReadonlySet<unknown> = new Set<RetryVerdict>(["retry", "switch", "fail", "continue"]);

/** Returns what `classify` said in its long form, or throws a TypeError when it said nothing that can be done. */
export function checkVerdict(told: RetryVerdict | Classified): Classified {
  const isObject = typeof told === "object" && (told as unknown) !== null;
  const classified = typeof told === "object" && isObject ? told : { verdict: told as RetryVerdict };
  if (verdicts.has(classified.verdict)) return classified;
  const what = isObject ? `an object whose verdict is ${quote(classified.verdict)}` : quote(told);
  throw new TypeError(
    `classify returned ${what}; it must return "retry", "switch", "fail" or "continue", ` +
      "or an object with one of them as its verdict",
  );
}

/** Returns the list, or throws a TypeError when it is none; a string would be a list of its letters. */
export function checkPeers<P>(list: Iterable<P>): Iterable<P> {
  if (typeof list === "object" && (list as unknown) !== null && Symbol.iterator in list) return list;
  throw new TypeError(`the source emitted ${quote(list)}; it must emit lists of peers, such as of([peerA, peerB])`);
}

const counts = ["maxRetries", "samePeerRetries"] as const;
const durations = ["attemptTimeoutMs", "deadlineMs"] as const;
const callbacks = ["backoff", "classify", "select", "onEvent", "random"] as const;

/** Throws a TypeError that names the first option that cannot be. */
export function checkConfig(attempt: unknown, config: object): void {
  if (typeof attempt !== "function") throw new TypeError(`attempt is ${show(attempt)}; it must be a function`);
  const options = config as Readonly<Record<string, unknown>>;
  for (const name of counts) {
    const value = options[name];
    if (value === undefined || (Number.isInteger(value) && (value as number) >= 0)) continue;
    if (name === "maxRetries" && typeof value === "function") continue;
    const or = name === "maxRetries" ? ", or a function that tells one" : "";
    throw new TypeError(`${name} is ${show(value)}; it must be a whole number from 0${or}`);
  }
  for (const name of durations) {
    const value = options[name];
    if (value === undefined || value === Infinity) continue;
    if (typeof value === "number" && value >= 0 && value <= longestDelayMs) continue;
    throw new TypeError(`${name} is ${show(value)}; it must be from 0 to ${longestDelayMs} ms, or Infinity`);
  }
  for (const name of callbacks) {
    const value = options[name];
    if (value === undefined || typeof value === "function") continue;
    throw new TypeError(`${name} is ${show(value)}; it must be a function`);
  }
}

function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function show(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? value.toString() : typeof value;
}
