import { asyncScheduler } from "rxjs";
import type { Complete } from "./checkOptions.js";
import type { AttemptFn } from "./attempt.js";
import type { Backoff } from "./backoff.js";
import { exponentialBackoff } from "./backoff.js";
import { defaultRandom, defaults } from "./defaults.js";
import type { RetryBudget } from "./retryBudget.js";
import type { RetryWithPeerSwitchConfig } from "./RetryWithPeerSwitchConfig.js";
import { selectPeer } from "./selectPeer.js";
import type { SharedHealth } from "./sharedHealth.js";

type WithoutDefault = "budget" | "health" | "onEvent" | "random";

/** The attempt to make, and a config with its defaults. */
export interface RetryPolicy<P, T> extends Complete<Omit<RetryWithPeerSwitchConfig<P>, WithoutDefault>> {
  readonly attempt: AttemptFn<P, T>;
  readonly budget: RetryBudget | undefined;
  readonly health: SharedHealth | undefined;
  readonly onEvent: RetryWithPeerSwitchConfig<P>["onEvent"];
}

export function retryPolicy<P, T>(attempt: AttemptFn<P, T>, config: RetryWithPeerSwitchConfig<P>): RetryPolicy<P, T> {
  const { random = defaultRandom } = config;
  return {
    attempt,
    maxRetries: config.maxRetries ?? defaults.maxRetries,
    samePeerRetries: config.samePeerRetries ?? defaults.samePeerRetries,
    attemptTimeoutMs: config.attemptTimeoutMs ?? defaults.attemptTimeoutMs,
    deadlineMs: config.deadlineMs ?? defaults.deadlineMs,
    backoff: config.backoff ?? whenNeeded(() => exponentialBackoff({ random })),
    classify: config.classify ?? always,
    select: config.select ?? selectPeer,
    scheduler: config.scheduler ?? asyncScheduler,
    budget: config.budget,
    health: config.health,
    onEvent: config.onEvent,
  };
}

const always = (): "retry" => "retry";

function whenNeeded(make: () => Backoff): Backoff {
  let made: Backoff | undefined;
  return (retry, context) => (made ??= make())(retry, context);
}
