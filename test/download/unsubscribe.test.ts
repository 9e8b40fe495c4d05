import fc from "fast-check";
import type { Observable } from "rxjs";
import { concat, defer, ignoreElements, of, take, takeWhile, throwError, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import type { PeerScript } from "../../src/adapters/memory/scriptedPeer.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { ByteRange } from "../../src/peers/Peer.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(8000);
const manifest = await manifestOf(file, 1000);

const script = fc.record<PeerScript>(
  {
    roundTripMs: fc.constantFrom(0, 30),
    bytesPerSecond: fc.constantFrom(500, 5000),
    pieceBytes: fc.constantFrom(100, 1000),
    failAfterBytes: fc.constantFrom(0, 700),
    corruptAt: fc.nat(7999),
  },
  { requiredKeys: [] },
);

/** All that can be done to a sink takes `ms`, and is done even when nobody waits for it any more. */
function lazily(ms: number, sink: ReturnType<typeof memorySink>, scheduler: VirtualTimeScheduler): typeof sink {
  if (ms === 0) return sink;
  const late = <T>(work: Observable<T>): Observable<T> => concat(timer(ms, scheduler).pipe(ignoreElements()), work);
  return {
    ...sink,
    open: (size) => late(sink.open(size)),
    write: (offset, bytes) => late(sink.write(offset, bytes)),
    read: (offset, length) => late(sink.read(offset, length)),
    sync: () => late(sink.sync()),
    finish: () => late(sink.finish()),
    close: () => late(sink.close()),
  };
}

describe("a bare unsubscribe", () => {
  it("A bare unsubscribe at any event leaves no timer, saves, closes the sink, and costs no verified chunk", () => {
    fc.assert(
      fc.property(
        fc.array(script, { minLength: 1, maxLength: 3 }),
        fc.nat(60),
        fc.constantFrom(0, 20),
        (scripts, index, sinkMs) => {
          const scheduler = new VirtualTimeScheduler(undefined, 60_000);
          const store = memorySink();
          const [sink, progress] = [lazily(sinkMs, store, scheduler), memoryProgress()];
          const bad = scripts.map((each, i) => scriptedPeer(`bad ${i}`, file, { ...each, scheduler }));
          const good = turns("good", file, [{ bytesPerSecond: 10_000, scheduler }]);
          const parts = { manifest, peers: of([...bad, good]), sink, progress, digest: sha256, scheduler };
          const running = download(parts);
          const events: DownloadEvent[] = [];
          running.pipe(take(index + 1)).subscribe((event) => events.push(event));
          scheduler.flush();
          scheduler.maxFrames = Infinity;
          scheduler.flush();
          expect(scheduler.actions).toEqual([]);
          const last = events.at(-1)?.type;
          if (last === "download-completed") return;
          expect(last).not.toBe("download-failed");
          let closed = false;
          store.open(8000).subscribe(() => (closed = true));
          store.close().subscribe();
          expect(closed).toBe(true);
          const verified = new Set(events.flatMap((event) => (event.type === "chunk-verified" ? [event.chunk] : [])));
          if (!store.finished()) expect(progress.saved()?.cleanStamp).toBeDefined();
          const before = good.asked.length;
          let completed = false;
          running.subscribe({ complete: () => (completed = true) });
          scheduler.maxFrames = scheduler.now() + 100_000;
          scheduler.flush();
          expect(completed).toBe(true);
          for (const { chunk } of good.asked.slice(before)) expect(verified.has(chunk)).toBe(false);
          expect(sameBytes(store.bytes(), file)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("A bare unsubscribe stops network and timers in the same frame", () => {
    const scheduler = new VirtualTimeScheduler();
    let open = 0;
    const slow = scriptedPeer("A", file, { bytesPerSecond: 100, pieceBytes: 10, scheduler });
    const peer = {
      ...slow,
      request: (range: Parameters<typeof slow.request>[0]) =>
        concat(of(new Uint8Array(0)), slow.request(range)).pipe((source) => {
          open++;
          return source;
        }),
    };
    const sink = memorySink();
    const parts = { manifest, peers: of([peer]), sink, progress: memoryProgress(), digest: sha256, scheduler };
    download(parts)
      .pipe(takeWhile(({ at }) => at < 3000))
      .subscribe();
    scheduler.flush();
    expect(open).toBe(1);
    expect(scheduler.actions).toEqual([]);
    expect(scheduler.now()).toBe(3000);
  });

  it("A bare unsubscribe before anything is known only closes the sink", () => {
    const scheduler = new VirtualTimeScheduler();
    const progress = memoryProgress();
    const load = () => timer(100, scheduler).pipe(ignoreElements());
    const parts = {
      manifest,
      peers: of([]),
      sink: memorySink(),
      progress: { ...progress, load },
      digest: sha256,
      scheduler,
    };
    download(parts).subscribe().unsubscribe();
    expect(scheduler.actions).toEqual([]);
    expect(progress.saved()).toBeUndefined();
  });
});

/** A download of three chunks at a time, and how many requests were made of its peer. */
function counted(scheduler: VirtualTimeScheduler, sync?: () => Observable<string>) {
  const made = { requests: 0 };
  const peer = scriptedPeer("A", file, { roundTripMs: 100, bytesPerSecond: 1000, pieceBytes: 100, scheduler });
  const request = (range: ByteRange) => defer(() => (made.requests++, peer.request(range)));
  const sink = { ...memorySink(), ...(sync && { sync }) };
  const parts = { manifest, sink, peers: of([{ ...peer, request }]), progress: memoryProgress(), digest: sha256 };
  return { made, events: download({ ...parts, scheduler }, { retry: { maxConcurrentChunks: 3 } }) };
}

it("A bare unsubscribe gives no slot that becomes free on the way to another chunk", () => {
  const scheduler = new VirtualTimeScheduler();
  const { made, events } = counted(scheduler);
  const running = events.subscribe();
  scheduler.maxFrames = 150;
  scheduler.flush();
  const { requests } = made;
  running.unsubscribe();
  expect([requests > 0, made.requests]).toEqual([true, requests]);
});

it("A checkpoint that cannot be saved gives no slot that becomes free on the way to another chunk", () => {
  const scheduler = new VirtualTimeScheduler();
  const full = new DownloadError("LOCAL_IO", "no space");
  let requests = -1;
  const { made, events } = counted(scheduler, () =>
    defer(() => {
      if (scheduler.now() === 0) return of("stamp");
      if (requests < 0) requests = made.requests;
      return throwError(() => full);
    }),
  );
  let failure: unknown;
  events.subscribe({ error: (error: unknown) => (failure = error) });
  scheduler.flush();
  expect([failure, made.requests]).toEqual([full, requests]);
});
