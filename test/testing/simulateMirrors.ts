import { connect, defer, merge, NEVER, type Observable, ReplaySubject, switchMap, take } from "rxjs";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { type MemorySink, memorySink } from "../../src/adapters/memory/memorySink.js";
import { confirmChanges } from "../../src/discovery/confirmChanges.js";
import type { Discovery } from "../../src/discovery/Discovery.js";
import { Doubts } from "../../src/discovery/Doubts.js";
import type { KnownFile } from "../../src/discovery/KnownFile.js";
import { NetworkWatch } from "../../src/discovery/NetworkWatch.js";
import { Outvoted } from "../../src/discovery/Outvoted.js";
import { resolveFile } from "../../src/discovery/resolveFile.js";
import { AwakeClock } from "../../src/download/AwakeClock.js";
import { downloadResolved } from "../../src/download/download.js";
import { resolveConfig } from "../../src/download/DownloadConfig.js";
import type { DownloadEvent, UntimedEvent } from "../../src/download/DownloadEvent.js";
import { suspendInOutage } from "../../src/download/suspendInOutage.js";
import type { DownloadError } from "../../src/errors/DownloadError.js";
import { toDownloadError } from "../../src/errors/toDownloadError.js";
import { samplingDigest } from "../../src/testing/samplingDigest.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import { type AskedQuestion, type DiscoveryPeer, stageQuestions } from "../../src/testing/stageQuestions.js";
import { syntheticFile } from "../../src/testing/syntheticFile.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";

export interface MirrorsScript {
  readonly seed: number;
  readonly peers: readonly DiscoveryPeer[];
}

export interface MirrorsRun {
  /** The finished file; nothing where the download failed. */
  readonly bytes: Uint8Array | undefined;
  readonly error: DownloadError | undefined;
  readonly events: readonly DownloadEvent[];
  readonly asked: readonly AskedQuestion[];
  /** Virtual time from the start to the end, ms. */
  readonly makespanMs: number;
}

const size = 1_000_000;
const chunkBytes = 256 * 1024;
const dayMs = 24 * 3_600_000;

/**
 * Downloads a file of which nobody knows a digest from scripted mirrors, with real code from the first question to the last byte, in virtual time; the
 * same for the same script.
 */
export function simulateMirrors(script: MirrorsScript): MirrorsRun {
  const { seed, peers } = script;
  const scheduler = new VirtualClock();
  const clock = new AwakeClock(scheduler);
  const network = new NetworkWatch(clock);
  const events: DownloadEvent[] = [];
  const emit = (event: UntimedEvent): void => void events.push({ ...event, at: clock.now() });
  const config = resolveConfig({});
  const { retry } = config;
  const discovery: Discovery = { retry, clock, random: seededRandom(seed), network, emit };
  const file = syntheticFile(size, chunkBytes);
  const stage = stageQuestions({ question: "mirror", peers }, file, { scheduler, now: () => clock.now() });
  const digest = () => samplingDigest();
  const outvoted = new Outvoted();
  let sink: MemorySink | undefined;
  let runs = 0;

  const download = ({ facts, peers, mirrorFile, agreement }: KnownFile): Observable<DownloadEvent> => {
    sink = memorySink();
    const { stillHas } = mirrorFile ?? {};
    const parts = { manifest: facts, peers, sink, progress: memoryProgress(), digest, scheduler };
    const judges = { ...(agreement && { agreement }), ...(stillHas && { stillHas }) };
    return downloadResolved({ ...parts, ...judges, random: seededRandom(seed) }, config);
  };
  const run = defer(() => {
    runs += 1;
    const request = { places: [], mirrors: [], isBegun: () => runs > 1 };
    return resolveFile(request, { ...stage.swarm, outvoted }, digest, discovery).pipe(
      connect(
        (known) => {
          const outages = suspendInOutage({ clock, scheduler, signs: network, online: NEVER, emit }, retry);
          return merge(outages, known).pipe(take(1), switchMap(download));
        },
        { connector: () => new ReplaySubject(1) },
      ),
    );
  });

  let error: DownloadError | undefined;
  const end = { isDone: false };
  clock.start();
  const running = confirmChanges(run, { doubts: new Doubts(), outvoted, paused: NEVER }, discovery).subscribe({
    next: (event) => events.push(event),
    error: (thrown: unknown) => (error = toDownloadError(thrown)),
    complete: () => (end.isDone = true),
  });
  while (!running.closed && (scheduler.nextMs ?? Infinity) <= dayMs) scheduler.step();
  const makespanMs = scheduler.now();
  running.unsubscribe();
  clock.stop();
  return { bytes: end.isDone ? sink?.bytes() : undefined, error, events, asked: stage.asked, makespanMs };
}
