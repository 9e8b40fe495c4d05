import { defer, merge, NEVER, type Observable, of, type SchedulerLike, take } from "rxjs";
import type { Discovery } from "../discovery/Discovery.js";
import { type KnownFile, resolveFile } from "../discovery/resolveFile.js";
import { NetworkWatch } from "../discovery/NetworkWatch.js";
import { AwakeClock } from "../download/AwakeClock.js";
import type { DownloadEvent, UntimedEvent } from "../download/DownloadEvent.js";
import { suspendInOutage } from "../download/suspendInOutage.js";
import { type RetryConfig, resolveRetryConfig } from "../download/RetryConfig.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Manifest } from "../manifest/Manifest.js";
import type { Peer } from "../peers/Peer.js";
import { type Fate, fated, SimulatedMirror } from "./SimulatedMirror.js";
import { samplingDigest } from "./samplingDigest.js";
import { seededRandom } from "./seededRandom.js";
import { syntheticFile } from "./syntheticFile.js";
import { VirtualClock } from "./VirtualClock.js";

/** One peer or mirror of a discovery, and what becomes of the questions to it: one fate after the other, the last for all that come after. */
export interface DiscoveryPeer {
  readonly id: string;
  readonly fates: readonly Fate[];
  /** Time to each answer, ms. @default 20 */
  readonly latencyMs?: number;
  /** Whether it has another file of the same size; mirrors only. @default false */
  readonly isStale?: boolean;
  /** Mirrors only. @default true */
  readonly ranges?: boolean;
}

export interface DiscoveryScript {
  readonly seed: number;
  /** The question: to peers for a manifest, or to mirrors of a file of which nobody knows a digest. */
  readonly question: "manifest" | "mirror";
  readonly peers: readonly DiscoveryPeer[];
  /** When the machine sleeps, ms from the start, and for how long. @default never */
  readonly sleep?: { readonly atMs: number; readonly forMs: number };
  readonly retry?: Partial<RetryConfig>;
}

/** A question to a peer, and what became of it. */
interface AskedQuestion {
  readonly peer: string;
  readonly atMs: number;
  readonly fate: Fate;
}

export interface DiscoveryOutcome {
  readonly known?: KnownFile;
  readonly peers: readonly Peer[];
  readonly error?: DownloadError;
  /** How often it ended; once is right. */
  readonly ends: number;
  /** Virtual time of the end, sleep included, ms. */
  readonly endedAtMs: number;
  readonly asked: readonly AskedQuestion[];
  readonly events: readonly DownloadEvent[];
}

const size = 1_000_000;
/** Beyond all patience. */
const longestMs = 3_600_000;
const wakeEveryMs = 1000;

/** Finds out what a file is, with real code and scripted peers, in virtual time; the same for the same script. */
export function simulateDiscovery(script: DiscoveryScript): DiscoveryOutcome {
  const { seed, question, sleep = { atMs: Infinity, forMs: 0 } } = script;
  const base = new VirtualClock();
  // A machine that sleeps runs no timers, and finds the wall clock ahead when it wakes.
  let sleptMs = 0;
  const scheduler: SchedulerLike = { now: () => base.now() + sleptMs, schedule: base.schedule.bind(base) };
  const clock = new AwakeClock(scheduler);
  const network = new NetworkWatch(clock);
  const events: DownloadEvent[] = [];
  const emit = (event: UntimedEvent): void => void events.push({ ...event, at: clock.now() });
  const retry = resolveRetryConfig(script.retry);
  const discovery: Discovery = { retry, clock, random: seededRandom(seed), network, emit };
  const file = syntheticFile(size, 256 * 1024);
  const asked: AskedQuestion[] = [];

  const fateOf = ({ id, fates }: DiscoveryPeer): (() => Fate) => {
    let n = 0;
    return () => {
      const fate = fates[Math.min(n++, fates.length - 1)] ?? "silent";
      asked.push({ peer: id, atMs: clock.now(), fate });
      return fate;
    };
  };
  const common = (peer: DiscoveryPeer) => ({
    id: peer.id,
    latencyMs: peer.latencyMs ?? 20,
    scheduler,
    fate: fateOf(peer),
  });
  const sockets = script.peers.map((peer) => {
    const parts = common(peer);
    const manifest = (): Observable<Manifest> => defer(() => fated(parts, () => of(file.manifest)));
    return { id: peer.id, ranges: true, request: () => NEVER, manifest };
  });
  const mirrors = script.peers.map((peer) => {
    const bytes = peer.isStale === true ? file.flipped : file.bytes;
    return new SimulatedMirror({ ...common(peer), size, bytes, ranges: peer.ranges ?? true });
  });

  const outcome = { ends: 0, endedAtMs: NaN, peers: [] as readonly Peer[] };
  let known: KnownFile | undefined;
  let error: DownloadError | undefined;
  const isManifest = question === "manifest";
  const request = { ...(isManifest && { root: file.manifest.root }), places: [], mirrors: [] };
  const swarm = { sockets: of(isManifest ? sockets : []), mirrors: of(isManifest ? [] : mirrors) };
  const work = resolveFile(request, swarm, () => samplingDigest(), discovery);
  const end = (): void => {
    outcome.ends += 1;
    outcome.endedAtMs = scheduler.now();
  };
  clock.start();
  const running = merge(suspendInOutage({ clock, scheduler, signs: network, online: NEVER, emit }, retry), work)
    .pipe(take(1))
    .subscribe({
      next: (found) => (known = found),
      error: (thrown: unknown) => {
        error = toDownloadError(thrown);
        end();
      },
      complete: end,
    });
  for (let atMs = 0; atMs < longestMs && outcome.ends === 0; atMs += wakeEveryMs) {
    if (sleptMs === 0 && base.now() >= sleep.atMs) sleptMs = sleep.forMs;
    base.run(atMs);
  }
  running.unsubscribe();
  known?.peers.pipe(take(1)).subscribe((all) => (outcome.peers = all));
  clock.stop();
  return { ...outcome, asked, events, ...(known && { known }), ...(error && { error }) };
}
