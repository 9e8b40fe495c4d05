import { type Discovery, lonelyDiscovery } from "../../src/discovery/Discovery.js";
import { describeEvent } from "../../src/download/describeEvent.js";
import { resolveRetryConfig, type RetryConfig } from "../../src/download/RetryConfig.js";

type Told = Parameters<Discovery["emit"]>[0];

/** A discovery with this patience, and all that it told, as events. */
export function discoveryFor(retry: Partial<RetryConfig> = {}): Discovery & { readonly told: Told[] } {
  const told: Told[] = [];
  const resolved = resolveRetryConfig({ jitter: "none", ...retry });
  return { ...lonelyDiscovery(resolved), told, emit: (event) => void told.push(event) };
}

/** What a user reads of such events. */
export function wordsOf(told: readonly Told[]): readonly string[] {
  return told.flatMap((event) => describeEvent({ ...event, at: 0 }) ?? []);
}
