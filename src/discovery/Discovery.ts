import { asyncScheduler } from "rxjs";
import { type Backoff, exponentialBackoff } from "../../operators/backoff.js";
import { defaultRandom } from "../../operators/defaults.js";
import type { DiscoveryEvent } from "../download/DiscoveryEvent.js";
import type { RunEvent } from "../download/DownloadEvent.js";
import type { RetryConfig } from "../download/RetryConfig.js";
import type { PoolClock } from "../peers/PoolContext.js";
import { NetworkWatch } from "./NetworkWatch.js";

/** The means of all of discovery: the patience, time and chance of the download that it is for, and its voice. */
export interface Discovery {
  readonly retry: RetryConfig;
  /** True when peers that cannot be reached are not asked again beyond the retries, whoever may come. @default false */
  readonly failFast?: boolean;
  /** Stands still while this machine sleeps or has no network. */
  readonly clock: PoolClock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly network: NetworkWatch;
  readonly emit: (event: DiscoveryEvent | Extract<RunEvent, { readonly type: "notice" }>) => void;
}

/** A discovery by itself, for no download, that tells nobody of its trouble. */
export function lonelyDiscovery(retry: RetryConfig): Discovery {
  const network = new NetworkWatch(asyncScheduler);
  return { retry, clock: asyncScheduler, random: defaultRandom, network, emit: () => undefined };
}

/** The waits of a download's retries, ms. */
export function backoffOf({ retry, random }: Pick<Discovery, "retry" | "random">): Backoff {
  const { initialBackoffMs: initialMs, backoffMultiplier: multiplier, maxBackoffMs: maxMs, jitter } = retry;
  return exponentialBackoff({ initialMs, multiplier, maxMs, jitter, random });
}
