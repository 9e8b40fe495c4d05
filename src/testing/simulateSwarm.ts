import { Subject, takeUntil, timer } from "rxjs";
import { memoryProgress } from "../adapters/memory/memoryProgress.js";
import { download } from "../download/download.js";
import type { Account } from "../download/Account.js";
import type { DownloadConfig } from "../download/DownloadConfig.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { checkingSink } from "./checkingSink.js";
import { samplingDigest } from "./samplingDigest.js";
import { seededRandom } from "./seededRandom.js";
import type { SwarmScript } from "./stageSwarm.js";
import { stageSwarm } from "./stageSwarm.js";

/** A file, a swarm that has it, and how it is downloaded. */
export interface SwarmConfig extends SwarmScript {
  /** The policy under test. @default that of a download */
  readonly config?: DownloadConfig;
  /** When it is paused, ms. @default never */
  readonly pauseAtMs?: number;
  /** Stop here if it has not ended, ms. @default a week */
  readonly untilMs?: number;
  /** Unsubscribe in the middle of so manyth event, counted from 1. @default never */
  readonly unsubscribeAt?: number;
  /** Sees each event as it happens. @default nothing */
  readonly onEvent?: (event: DownloadEvent) => void;
  /** True when the events are in the result; they take memory. @default true */
  readonly keepEvents?: boolean;
}

/** The result of a simulated download. */
export interface SwarmRun {
  /** `unfinished`: nothing happens any more, or not before `untilMs`, and it has not ended. */
  readonly outcome: "completed" | "paused" | "failed" | "unsubscribed" | "unfinished";
  /** The error of the stream. */
  readonly error: DownloadError | undefined;
  readonly events: readonly DownloadEvent[];
  /** How many events there were, kept or not. */
  readonly told: number;
  /** The account of the last event; `undefined` where it did not come to an end of its own. */
  readonly account: Account | undefined;
  /** Virtual time from the start to the end, ms. */
  readonly makespanMs: number;
  /** Timers left at the end: none, when it has ended. */
  readonly pending: number;
  /** Requests left at the end: none, when it has ended. */
  readonly openLegs: number;
  /** The most requests at once, of all peers and of each. */
  readonly mostLegs: number;
  readonly mostLegsByPeer: Readonly<Record<string, number>>;
  /** Bytes that the peers have handed over, by peer. */
  readonly served: Readonly<Record<string, number>>;
  /** How many chunks the sink has, right in every byte. */
  readonly rightChunks: number;
  /** True when all bytes are there and right. */
  readonly bytesRight: boolean;
}

const week = 7 * 24 * 3_600_000;
/** Steps without any time passing that are no progress any more. */
const mostStepsAtOnce = 10_000_000;

/**
 * Runs the real `download` against a swarm of scripted peers, in virtual time: minutes take milliseconds, nothing is stored, and
 * the same seed and arguments give the same events.
 *
 * @throws RangeError or TypeError for a swarm or a config that cannot be.
 */
export function simulateSwarm(config: SwarmConfig): SwarmRun {
  const { seed, untilMs = week, keepEvents = true } = config;
  const { scheduler, file, peers, source, legs } = stageSwarm(config);
  const sink = checkingSink(file);
  const pause = config.pauseAtMs === undefined ? {} : { pauseWhen: timer(config.pauseAtMs, scheduler) };
  const parts = {
    manifest: file.manifest,
    peers: source,
    sink,
    progress: memoryProgress(),
    digest: samplingDigest,
    scheduler,
    random: seededRandom(seed),
  };

  const events: DownloadEvent[] = [];
  const left = new Subject<void>();
  let told = 0;
  let last: DownloadEvent | undefined;
  let end: "complete" | "error" | "unsubscribed" | undefined;
  let error: DownloadError | undefined;
  const subscription = download(parts, { ...pause, ...config.config })
    .pipe(takeUntil(left))
    .subscribe({
      next: (event) => {
        told++;
        last = event;
        if (keepEvents) events.push(event);
        config.onEvent?.(event);
        if (told !== config.unsubscribeAt) return;
        end = "unsubscribed";
        left.next();
      },
      error: (thrown: unknown) => {
        end = "error";
        error = thrown as DownloadError;
      },
      complete: () => (end ??= "complete"),
    });

  let stepsAtOnce = 0;
  let at = 0;
  while (end === undefined && (scheduler.nextMs ?? Infinity) <= untilMs && stepsAtOnce < mostStepsAtOnce) {
    scheduler.step();
    stepsAtOnce = at === scheduler.now() ? stepsAtOnce + 1 : 0;
    at = scheduler.now();
  }
  const { pending } = scheduler;
  const { open: openLegs } = legs;
  subscription.unsubscribe();

  return {
    outcome: outcomeOf(end, last),
    error,
    events,
    told,
    account: last !== undefined && "account" in last ? last.account : undefined,
    makespanMs: scheduler.now(),
    pending,
    openLegs,
    mostLegs: legs.most,
    mostLegsByPeer: Object.fromEntries(peers.map((peer) => [peer.id, peer.mostOpen])),
    served: Object.fromEntries(peers.map((peer) => [peer.id, peer.served])),
    rightChunks: sink.rightChunks(),
    bytesRight: sink.rightChunks() === config.chunks,
  };
}

function outcomeOf(
  end: "complete" | "error" | "unsubscribed" | undefined,
  last: DownloadEvent | undefined,
): SwarmRun["outcome"] {
  if (end === undefined) return "unfinished";
  if (end === "unsubscribed") return end;
  if (end === "error") return "failed";
  return last?.type === "download-paused" ? "paused" : "completed";
}
