import { finalize, merge, NEVER, type Observable, of, type SchedulerLike, Subject, take, takeUntil } from "rxjs";
import type { Discovery } from "../discovery/Discovery.js";
import { NetworkWatch } from "../discovery/NetworkWatch.js";
import { type KnownFile, resolveFile, type Swarm } from "../discovery/resolveFile.js";
import { AwakeClock } from "../download/AwakeClock.js";
import type { DownloadEvent, UntimedEvent } from "../download/DownloadEvent.js";
import { type RetryConfig, resolveRetryConfig } from "../download/RetryConfig.js";
import { suspendInOutage } from "../download/suspendInOutage.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { FileFacts, Manifest } from "../manifest/Manifest.js";
import { fated, type OpenQuestion, type QuestionFate, SimulatedMirror } from "./SimulatedMirror.js";
import { samplingDigest } from "./samplingDigest.js";
import { seededRandom } from "./seededRandom.js";
import { type SyntheticFile, syntheticFile } from "./syntheticFile.js";
import { VirtualClock } from "./VirtualClock.js";

/** One peer or mirror of a discovery. */
export interface DiscoveryPeer {
  /** A peer's `ws://` place, or a mirror's `http://` URL. */
  readonly id: string;
  /** Fates of the questions to it, one after the other, the last one for all that come after; none is silence. */
  readonly fates: readonly QuestionFate[];
  /** Time to each answer, ms. @default 20 */
  readonly latencyMs?: number;
  /** True when it has another file of the same size; mirrors only. @default false */
  readonly isStale?: boolean;
  /** True when it can start in the middle; mirrors only. @default true */
  readonly ranges?: boolean;
}

/** A question before the first bytes of a file, and those who are asked. */
export interface DiscoveryScript {
  readonly seed: number;
  /** The question: to peers for a manifest, or to mirrors of a file of which nobody knows a digest. */
  readonly question: "manifest" | "mirror";
  readonly peers: readonly DiscoveryPeer[];
  /** When the machine sleeps, ms from the start, and for how long. @default never */
  readonly sleep?: { readonly atMs: number; readonly forMs: number };
  /** The policy under test: that of a download. */
  readonly retry?: Partial<RetryConfig>;
  /** Unsubscribe in the middle of so manyth event, counted from 1. @default never */
  readonly unsubscribeAt?: number;
}

/** A question to a peer, and its fate. */
export interface AskedQuestion {
  readonly peer: string;
  /** On the clock of the discovery, which stands while the machine sleeps or has no network. */
  readonly atMs: number;
  readonly fate: QuestionFate;
  /** When its fate was known, on the same clock; absent where it was dropped before. */
  readonly heardAtMs?: number;
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
const usualLatencyMs = 20;
const dayMs = 24 * 3_600_000;

/**
 * Finds out what a file is and who has it, with the real discovery of a download and scripted peers, in virtual time: minutes take
 * milliseconds, and the same script gives the same events. A busy peer's failure asks for no wait of its own.
 *
 * @throws RangeError or TypeError for a retry policy that cannot be.
 */
export function simulateDiscovery(script: DiscoveryScript): DiscoveryRun {
  const { seed, sleep = { atMs: Infinity, forMs: 0 }, unsubscribeAt } = script;
  const retry = resolveRetryConfig(script.retry);
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
  const discovery: Discovery = { retry, clock, random: seededRandom(seed), network, emit };

  const file = syntheticFile(size, chunkBytes);
  const stage = stageQuestions(script, file, { scheduler, now: () => clock.now() });
  const request = { ...(script.question === "manifest" && { root: file.manifest.root }), places: [], mirrors: [] };
  const work = resolveFile(request, stage.swarm, () => samplingDigest(), discovery);
  const watched = suspendInOutage({ clock, scheduler, signs: network, online: NEVER, emit }, retry);

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

/** The peers of a script, each with its fates, and the questions to them. */
function stageQuestions(
  { question, peers }: DiscoveryScript,
  file: SyntheticFile,
  { scheduler, now }: { readonly scheduler: SchedulerLike; readonly now: () => number },
): { readonly swarm: Swarm; readonly asked: readonly AskedQuestion[]; readonly open: () => number } {
  const asked: AskedQuestion[] = [];
  let open = 0;
  const common = ({ id, fates, latencyMs = usualLatencyMs }: DiscoveryPeer) => {
    let n = 0;
    const ask = (): OpenQuestion => {
      const fate = fates[Math.min(n++, fates.length - 1)] ?? "silent";
      const question = { peer: id, atMs: now(), fate };
      const at = asked.push(question) - 1;
      open += 1;
      return {
        fate,
        heard: () => (asked[at] = { ...question, heardAtMs: now() }),
        over: () => (open -= 1),
      };
    };
    return { id, latencyMs, scheduler, ask };
  };
  const socketOf = (peer: DiscoveryPeer) => {
    const parts = common(peer);
    const manifest = (): Observable<Manifest> => fated(parts, () => of(file.manifest));
    return { id: peer.id, ranges: true, request: () => NEVER, manifest };
  };
  const mirrorOf = (peer: DiscoveryPeer) => {
    const bytes = peer.isStale === true ? file.flipped : file.bytes;
    return new SimulatedMirror({ ...common(peer), size, bytes, ranges: peer.ranges ?? true });
  };
  const isManifest = question === "manifest";
  const swarm = {
    sockets: of(isManifest ? peers.map(socketOf) : []),
    mirrors: of(isManifest ? [] : peers.map(mirrorOf)),
  };
  return { swarm, asked, open: () => open };
}
