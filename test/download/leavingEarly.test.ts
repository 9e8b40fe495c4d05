import { defer, EMPTY, timer, VirtualTimeScheduler, ignoreElements, concat, of, throwError } from "rxjs";
import { expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { ChunkSink } from "../../src/storage/ChunkSink.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const file = someBytes(100_000);
const manifest = await manifestOf(file, 1000);

it("A subscriber waits for the save of the first one, though a second one came and left meanwhile", () => {
  const scheduler = new VirtualTimeScheduler();
  const sink = memorySink();
  const log: string[] = [];
  const slow: ChunkSink = {
    ...sink,
    open: (size) => defer(() => (log.push("open"), sink.open(size))),
    sync: () => concat(timer(500, scheduler).pipe(ignoreElements()), sink.sync()),
    close: () => defer(() => (log.push("close"), sink.close())),
  };
  const peer = scriptedPeer("a", file, { scheduler, bytesPerSecond: 20_000 });
  const parts = { manifest, peers: of([peer]), sink: slow, progress: memoryProgress(), digest: sha256, scheduler };
  const events = download(parts);
  const types: string[] = [];

  const first = events.subscribe();
  scheduler.maxFrames = 2000;
  scheduler.flush();
  first.unsubscribe();
  events.subscribe().unsubscribe();
  events.subscribe({ next: ({ type }: DownloadEvent) => types.push(type) });
  scheduler.maxFrames = 100_000;
  scheduler.flush();
  expect(types.at(-1)).toBe("download-completed");
  expect(log).toEqual(["open", "close", "open", "close"]); // who never opened it closes nothing
  expect(Buffer.compare(sink.bytes(), file)).toBe(0);
});

it("A download is done when the file has its name, though its progress cannot be removed", () => {
  const progress = memoryProgress();
  const stuck = { ...progress, clear: () => throwError(() => new DownloadError("LOCAL_IO", "cannot remove it")) };
  const told = play(() => [scriptedPeer("a", file)], { manifest, progress: stuck });
  expect(told.completed).toBe(true);
  expect(told.of("notice")).toMatchObject([{ message: "The saved progress could not be removed: cannot remove it" }]);
});

it("A checkpoint keeps the frontier of a chunk whose bytes were not read back yet", () => {
  const scheduler = new VirtualTimeScheduler();
  const sink = memorySink();
  const progress = memoryProgress();
  const peers = () => [scriptedPeer("a", file, { scheduler, bytesPerSecond: 1000, pieceBytes: 100 })];
  play(peers, { manifest, sink, progress, scheduler }, 550);
  const frontiers = progress.saved()?.frontiers;
  expect(Object.keys(frontiers ?? {}).length).toBeGreaterThan(0);

  const deaf = { ...sink, read: () => timer(60_000, scheduler).pipe(ignoreElements()) };
  play(peers, { manifest, sink: deaf, progress, scheduler }, 1000);
  expect(progress.saved()?.frontiers).toMatchObject(frontiers ?? {});
});

it("A peer is asked again for a chunk that it lacked, when it announces it", () => {
  const scheduler = new VirtualTimeScheduler();
  let has = false;
  const whole = scriptedPeer("a", file, { scheduler, roundTripMs: 10 });
  const growing = {
    ...whole,
    has: () => has,
    request: (range: Parameters<typeof whole.request>[0]) =>
      defer(() => (has ? whole.request(range) : throwError(() => new DownloadError("CHUNK_NOT_AVAILABLE", "not yet")))),
  };
  const unannounced = { ...growing, has: () => true };
  const peers = concat(
    of([unannounced]),
    timer(10_000, scheduler).pipe(ignoreElements()),
    defer(() => {
      has = true;
      return of([growing]);
    }),
    timer(1e9, scheduler).pipe(ignoreElements()),
  );
  const told = play(() => peers, { manifest, scheduler });
  expect(told.completed).toBe(true);
  expect(told.endedAt).toBeLessThan(12_000);
  expect(told.of("retry-scheduled")).toEqual([]);
});

it("A download tells of each wait for busy peers", () => {
  const scheduler = new VirtualTimeScheduler();
  const fine = scriptedPeer("a", file, { scheduler, roundTripMs: 100 });
  const busyAt = (ms: number) => (ms >= 200 && ms < 1700) || (ms >= 3000 && ms < 4500);
  const moody = {
    ...fine,
    request: (range: Parameters<typeof fine.request>[0]) =>
      defer(() =>
        busyAt(scheduler.now())
          ? throwError(() => new DownloadError("PEER_BUSY", "later", { retryAfterMs: 1500 }))
          : fine.request(range),
      ),
  };
  const told = play(() => [moody], { manifest, scheduler, config: { retry: { maxConcurrentChunks: 1 } } });
  expect(told.completed).toBe(true);
  expect(told.of("waiting").map(({ reason }) => reason)).toEqual(["busy", "busy"]);
});

it("Time in which we hold the peers back does not count as theirs", () => {
  const scheduler = new VirtualTimeScheduler();
  const paused = concat(of(true), timer(100_000, scheduler).pipe(ignoreElements()), of(false));
  const late = scriptedPeer("a", file, { scheduler, roundTripMs: 105_000 });
  const parts = { manifest, peers: of([late]), progress: memoryProgress(), digest: sha256, scheduler };
  const run = (extra: object): readonly DownloadEvent[] => {
    const events: DownloadEvent[] = [];
    const watching = download({ ...parts, sink: memorySink(), ...extra }).subscribe({
      next: (event) => events.push(event),
      error: () => EMPTY,
    });
    scheduler.maxFrames = scheduler.now() + 140_000;
    scheduler.flush();
    watching.unsubscribe();
    return events;
  };
  expect(run({ paused }).filter(({ type }) => type === "attempt-failed")).toEqual([]);
  expect(run({}).filter(({ type }) => type === "attempt-failed")).not.toEqual([]);
});

it("A sink is closed when the end of a file that nobody waits for any more goes wrong", () => {
  const scheduler = new VirtualTimeScheduler();
  const sink = memorySink();
  let closes = 0;
  const failing: ChunkSink = {
    ...sink,
    finish: () =>
      concat(
        timer(500, scheduler).pipe(ignoreElements()),
        throwError(() => new DownloadError("LOCAL_IO", "full")),
      ),
    close: () => defer(() => (closes++, sink.close())),
  };
  const parts = {
    manifest,
    peers: of([scriptedPeer("a", file)]),
    progress: memoryProgress(),
    digest: sha256,
    scheduler,
  };
  const watching = download({ ...parts, sink: failing }).subscribe();
  scheduler.maxFrames = 100;
  scheduler.flush();
  watching.unsubscribe();
  scheduler.maxFrames = 1000;
  scheduler.flush();
  expect(closes).toBe(1);
});
