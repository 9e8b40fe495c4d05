import {
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  merge,
  NEVER,
  of,
  retry,
  type SchedulerLike,
  Subject,
  switchMap,
  take,
  takeUntil,
  throwError,
} from "rxjs";
import type { Discovery } from "../discovery/Discovery.js";
import { NetworkWatch } from "../discovery/NetworkWatch.js";
import type { KnownFile } from "../discovery/KnownFile.js";
import { Outvoted } from "../discovery/Outvoted.js";
import { resolveFile } from "../discovery/resolveFile.js";
import { AwakeClock } from "../download/AwakeClock.js";
import type { DownloadEvent, UntimedEvent } from "../download/DownloadEvent.js";
import { type RetryConfig, resolveRetryConfig } from "../download/RetryConfig.js";
import { suspendInOutage } from "../download/suspendInOutage.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { samplingDigest } from "./samplingDigest.js";
import { seededRandom } from "./seededRandom.js";
import { type AskedQuestion, type DiscoveryPeer, stageQuestions } from "./stageQuestions.js";
import { syntheticFile } from "./syntheticFile.js";
import { VirtualClock } from "./VirtualClock.js";

/** A question before the first bytes of a file, and those who are asked. */
export interface DiscoveryScript {
  /** Seed of all chance: the same seed and the same arguments give the same events. */
  readonly seed: number;
  /** The question: to peers for a manifest, or to mirrors of a file of which nobody knows a digest. */
  readonly question: "manifest" | "mirror";
  /** Peers or mirrors that are asked, each with its fates. */
  readonly peers: readonly DiscoveryPeer[];
  /** When the machine sleeps, ms from the start, and for how long. @default never */
  readonly sleep?: { readonly atMs: number; readonly forMs: number };
  /** The policy under test. @default that of a download */
  readonly retry?: Partial<RetryConfig>;
  /** Unsubscribe in the middle of so manyth event, counted from 1. @default never */
  readonly unsubscribeAt?: number;
}

/** The result of a simulated discovery. */
export interface DiscoveryRun {
  /** `unfinished`: it has not ended in a day. */
  readonly outcome: "known" | "failed" | "unsubscribed" | "unfinished";
  /** The file, where it is known. */
  readonly facts: FileFacts | undefined;
  /** The peers that its download begins with, by id. */
  readonly peers: readonly string[];
  /** The error that a download would end with. */
  readonly error: DownloadError | undefined;
  readonly events: readonly DownloadEvent[];
  readonly asked: readonly AskedQuestion[];
  /** Virtual time from the start to the end, sleep included, ms. */
  readonly makespanMs: number;
  /** Timers left at the end: none, when it has ended. */
  readonly pending: number;
  /** Questions left at the end: none, when it has ended, but an answer that is open to be read as the first chunk. */
  readonly openQuestions: number;
}

const size = 1_000_000;
const chunkBytes = 256 * 1024;
const dayMs = 24 * 3_600_000;

/**
 * Finds out what a file is and who has it, with the real discovery of a download and scripted peers, in virtual time: minutes take
 * milliseconds, and the same script gives the same events. A busy peer's failure asks for no wait of its own.
 *
 * @throws RangeError or TypeError for a retry policy that cannot be.
 */
export function simulateDiscovery(script: DiscoveryScript): DiscoveryRun {
  const { seed, sleep = { atMs: Infinity, forMs: 0 }, unsubscribeAt } = script;
  const policy = resolveRetryConfig(script.retry);
  const base = new VirtualClock();
  // A machine that sleeps runs no timers, and finds the wall clock ahead when it wakes.
  let sleptMs = 0;
  const scheduler: SchedulerLike = { now: () => base.now() + sleptMs, schedule: base.schedule.bind(base) };
  const clock = new AwakeClock(scheduler);
  const network = new NetworkWatch(clock);

  const left = new Subject<void>();
  const events: DownloadEvent[] = [];
  let outcome: DiscoveryRun["outcome"] = "unfinished";
  const emit = (event: UntimedEvent): void => {
    if (outcome === "unsubscribed") return;
    events.push({ ...event, at: clock.now() });
    if (events.length !== unsubscribeAt) return;
    outcome = "unsubscribed";
    left.next();
  };
  const discovery: Discovery = { retry: policy, clock, random: seededRandom(seed), network, emit };

  const file = syntheticFile(size, chunkBytes);
  const stage = stageQuestions(script, file, { scheduler, now: () => clock.now() });
  const outvoted = new Outvoted();
  let runs = 0;
  const root = script.question === "manifest" && { root: file.manifest.root };
  const request = { ...root, places: [], mirrors: [], isBegun: () => runs > 1 };
  // A file is known when it is certain that it is the right one.
  const work = defer(() => {
    runs += 1;
    return resolveFile(request, { ...stage.swarm, outvoted }, () => samplingDigest(), discovery).pipe(
      switchMap((found) => concat((found.agreement?.(NEVER) ?? EMPTY).pipe(ignoreElements()), of(found))),
      take(1),
    );
  }).pipe(retry({ delay: (thrown: unknown) => (outvoted.take() === undefined ? throwError(() => thrown) : of(true)) }));
  const watched = suspendInOutage({ clock, scheduler, signs: network, online: NEVER, emit }, policy);

  let known: KnownFile | undefined;
  let error: DownloadError | undefined;
  clock.start();
  const running = merge(watched, work)
    .pipe(
      take(1),
      takeUntil(left),
      finalize(() => clock.stop()),
    )
    .subscribe({
      next: (found) => {
        known = found;
        outcome = "known";
      },
      error: (thrown: unknown) => {
        error = toDownloadError(thrown);
        outcome = "failed";
      },
    });
  while (!running.closed && (base.nextMs ?? Infinity) <= dayMs) {
    if (base.now() >= sleep.atMs) sleptMs = sleep.forMs;
    base.step();
  }
  const ended = { makespanMs: scheduler.now(), pending: base.pending, openQuestions: stage.open() };
  running.unsubscribe();
  let peers: readonly string[] = [];
  known?.peers.pipe(take(1)).subscribe((all) => (peers = all.map(({ id }) => id)));
  return { ...ended, outcome, facts: known?.facts, peers, error, events, asked: stage.asked };
}
