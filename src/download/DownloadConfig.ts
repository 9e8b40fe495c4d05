import type { Observable, SchedulerLike } from "rxjs";
import { checkOptions, type OptionShapes } from "../../operators/checkOptions.js";
import { anObservable, aSwitch } from "../../operators/optionShapes.js";
import type { Agreement } from "./Agreement.js";
import type { Hashes, Sha256 } from "../manifest/Hasher.js";
import type { FileFacts } from "../manifest/Manifest.js";
import type { PeerSource } from "../peers/Peer.js";
import type { Catalogue } from "../storage/Catalogue.js";
import type { RankingStrategy } from "../peers/strategies.js";
import { strategyOf } from "../peers/strategies.js";
import type { StrategyName } from "../peers/strategies.js";
import type { ChunkSet } from "../storage/Bitmap.js";
import type { ChunkSink } from "../storage/ChunkSink.js";
import type { ProgressStore } from "../storage/ProgressStore.js";
import type { GivenRetryConfig, RetryConfig } from "./RetryConfig.js";
import { resolveRetryConfig } from "./RetryConfig.js";
import type { StillHas } from "./StillHas.js";

/** Parts that a download is made of. */
export interface DownloadParts {
  /** The manifest, or as much as is known of the file: without digests nothing is called verified. */
  readonly manifest: FileFacts;
  /** Peers that can be asked; each may join and leave at any time. */
  readonly peers: PeerSource;
  readonly sink: ChunkSink;
  readonly progress: ProgressStore;
  readonly digest: Sha256;
  /** CRC-32 of bytes that follow what `before` sums up, for chunks that have no digests: the disk is not only believed. @default in plain JavaScript */
  readonly crc32?: (bytes: Uint8Array, before?: number) => number;
  /** Hashes by which digests of other functions are checked. @default none: a manifest has digests of SHA-256 alone */
  readonly hashes?: Hashes;
  /** Called with bytes as they come, for whoever limits their rate. @default nobody */
  readonly onReceived?: (bytes: number) => void;
  /** Memory of peers from earlier downloads, to which this one adds. @default nothing is kept */
  readonly catalogue?: Catalogue;
  /** Back-pressure: `true` while sockets are paused on our side; that time is no peer's fault. @default never */
  readonly paused?: Observable<boolean>;
  /**
   * True while this machine has a way out of itself, as far as its platform knows; only confirms what the peers' failures say: a machine that never
   * had one may still have peers on itself. @default not known
   */
  readonly online?: Observable<boolean>;
  /**
   * Called with the chunks that are here and proved by digests of their own, whenever they change: also when some turn out to be wrong, or may be, because
   * somebody else was at the bytes. Never called of a file without such digests. @default nobody
   */
  readonly onProven?: (chunks: ChunkSet) => void;
  /** Decides whether what the peers have is the right file, while it comes. @default it is @internal */
  readonly agreement?: Agreement;
  /** Looks at what came first of a file without digests once more, before it gets its name. @default not looked at @internal */
  readonly stillHas?: StillHas;
  /**
   * True when more peers are looked for all the time: then a swarm to which no connection holds, or that does not answer, is waited for as long as one in which
   * nobody is, `peerWaitSecs`.
   * @default false: a dead swarm ends the download after the retries of a chunk
   */
  readonly looksForPeers?: boolean;
  /** Where all time comes from. @default asyncScheduler */
  readonly scheduler?: SchedulerLike;
  /** Where all chance comes from. @default Math.random */
  readonly random?: () => number;
}

/** How a download behaves. */
export interface DownloadConfig {
  /** Patience, as far as it differs from the defaults. @default retryDefaults */
  readonly retry?: GivenRetryConfig | undefined;
  /** Order in which peers are asked: a strategy by name, or one of your own. @default "balanced" */
  readonly strategy?: StrategyName | RankingStrategy | undefined;
  /** Policy of retries, blacklists and jitter: `standard` is as `retry` says, `adaptive` follows what is seen. @default "standard" */
  readonly policy?: PolicyName | undefined;
  /** Signal to pause: the first emission stops the legs, saves, and completes the download with `download-paused`. @default never */
  readonly pauseWhen?: Observable<unknown> | undefined;
  /**
   * True when a chunk may have a second request (beside a late first byte, in the place of a dead one, by a faster idle peer, and in the end game),
   * silent and slow requests are given up before their time limit, a chunk that broke after real progress goes on from its frontier, and retries
   * share a budget. `strictPermanent` turns all but the budget off. @default true
   */
  readonly parallelRetries?: boolean | undefined;
  /** True when the first chunk that gives up fails the download, with its code. @default false */
  readonly failFast?: boolean | undefined;
  /** True when any permanent error of any peer fails the download at once. @default false */
  readonly strictPermanent?: boolean | undefined;
}

export interface ResolvedDownloadConfig {
  readonly retry: RetryConfig;
  readonly policy: PolicyName;
  readonly strategy: RankingStrategy;
  readonly pauseWhen: Observable<unknown> | undefined;
  readonly parallelRetries: boolean;
  readonly failFast: boolean;
  readonly strictPermanent: boolean;
}

export const policyNames = ["standard", "adaptive"] as const;
export type PolicyName = (typeof policyNames)[number];

export const downloadDefaults = { parallelRetries: true, failFast: false, strictPermanent: false } as const;

const policies = policyNames.map((name) => `"${name}"`).join(" or ");

/** The shapes of what any download takes; those of `retry` and `strategy` are held where these are read. */
export const downloadShapes: OptionShapes<DownloadConfig> = {
  retry: { must: "an object of retry options", fits: (value) => typeof value === "object" && value !== null },
  strategy: { must: "a strategy", fits: () => true },
  policy: { must: policies, fits: (value) => policyNames.some((name) => name === value) },
  pauseWhen: anObservable("signals to pause"),
  parallelRetries: aSwitch,
  failFast: aSwitch,
  strictPermanent: aSwitch,
};

/**
 * The whole config: what was given, and defaults for the rest.
 *
 * @throws TypeError or RangeError, which names the option, the value and what would be right.
 */
export function resolveConfig(config: DownloadConfig): ResolvedDownloadConfig {
  checkOptions("download", config, downloadShapes);
  const { retry, strategy = "balanced", policy = "standard", pauseWhen, ...switches } = config;
  const given = Object.fromEntries(Object.entries<unknown>(switches).filter(([, value]) => value !== undefined));
  return {
    ...downloadDefaults,
    ...given,
    retry: resolveRetryConfig(policy === "adaptive" ? withSpread(retry) : retry),
    policy,
    strategy: strategyOf(strategy),
    pauseWhen,
  };
}

/** Chunks that failed together do not ask again together, unless somebody wants it so. */
function withSpread(retry: DownloadConfig["retry"]): DownloadConfig["retry"] {
  return retry?.jitter === undefined ? { ...retry, jitter: 0.2 } : retry;
}
