import { take, throwError, timer, VirtualTimeScheduler, of } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryCatalogue } from "../../src/adapters/memory/memoryCatalogue.js";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { noTotals } from "../../src/storage/Totals.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const file = someBytes(10_000);
const manifest = await manifestOf(file, 1000);
const days = 24 * 3600 * 1000;
const a = { ok: 4, failed: 2, failures: 1, heardAt: 5000 };

/** A scheduler whose time begins so late that what is known has an age. */
function startingAt(ms: number): VirtualTimeScheduler {
  const scheduler = new VirtualTimeScheduler(undefined, ms + 1_000_000);
  scheduler.frame = ms;
  return scheduler;
}

describe("a download with a catalogue", () => {
  it("A download with a catalogue leaves what it learned, and how it ended", () => {
    const catalogue = memoryCatalogue();
    const scheduler = new VirtualTimeScheduler();
    const good = scriptedPeer("good", file, { bytesPerSecond: 1000, scheduler });
    play(() => [good, scriptedPeer("dead", file, { refuseWith: "CONNECTION_REFUSED" })], {
      ...{ manifest, scheduler, catalogue },
    });
    const { peers, totals } = catalogue.content();
    expect(peers["good"]).toMatchObject({ ok: 10, failed: 0, failures: 0 });
    expect(peers["good"]?.bytesPerSecond).toBeGreaterThan(500);
    expect(peers["dead"]).toMatchObject({ ok: 0, blacklistedFor: "CONNECTION_REFUSED" });
    expect(peers["dead"]?.blacklistedUntil).toBe((peers["dead"]?.heardAt ?? 0) + 300_000);
    expect(totals).toMatchObject({ runs: 1, completed: 1, verified: 10_000, received: 10_000, resumed: 0 });
    expect(totals.troubledChunks).toBeGreaterThan(0);
    expect(totals.recoveredChunks).toBe(totals.troubledChunks);
  });

  it("A download with a catalogue does not begin with a peer that is blacklisted from an earlier download, and says why", () => {
    const [catalogue, scheduler] = [memoryCatalogue(), new VirtualTimeScheduler()];
    const dead = scriptedPeer("dead", file, { refuseWith: "CONNECTION_REFUSED" });
    play(() => [dead, scriptedPeer("good", file, { roundTripMs: 1000, scheduler })], {
      ...{ manifest, catalogue, scheduler },
    });
    const left = catalogue.content().peers["dead"]?.blacklistedUntil ?? 0;
    expect(left).toBeGreaterThan(0);
    const told = play(() => [dead, scriptedPeer("good", file)], { manifest, catalogue });
    expect(told.of("peer-blacklisted")).toMatchObject([{ peer: "dead", code: "CONNECTION_REFUSED" }]);
    expect(told.of("attempt-started").filter(({ peer }) => peer === "dead")).toEqual([]);
    expect(told.completed).toBe(true);
  });

  it("A download with a catalogue begins all the same when all peers are blacklisted from an earlier one, and are there again", () => {
    const dead = {
      ok: 1,
      failed: 3,
      failures: 3,
      blacklistedUntil: 9e12,
      blacklistedFor: "CONNECTION_REFUSED",
    } as const;
    const peers = { A: { ...dead, heardAt: 0 }, B: { ...dead, heardAt: 0 } };
    const catalogue = memoryCatalogue({ peers, totals: noTotals });
    const told = play(() => [scriptedPeer("A", file), scriptedPeer("B", file)], {
      ...{ manifest, catalogue, scheduler: startingAt(1000) },
    });
    expect(told.completed).toBe(true);
    expect(told.endedAt).toBe(1000);
    expect(told.of("peer-blacklisted").filter(({ probing }) => probing)).toHaveLength(1);
    const restored = told.of("peer-restored").map(({ peer }) => peer);
    expect(restored.length).toBeGreaterThan(0);
    for (const id of restored) expect(catalogue.content().peers[id]).not.toHaveProperty("blacklistedUntil");
  });

  it("A download with a catalogue takes nobody for gone who has not failed in this run, however short its patience", () => {
    const scheduler = startingAt(1000);
    const gone = { ok: 1, failed: 3, failures: 3, heardAt: 0, blacklistedUntil: 9e12 };
    const peers = { A: { ...gone, blacklistedFor: "CONNECTION_LOST" } } as const;
    const told = play(() => [scriptedPeer("A", file, { roundTripMs: 500, scheduler })], {
      ...{ manifest, scheduler, catalogue: memoryCatalogue({ peers, totals: noTotals }) },
      config: { retry: { initialBackoffMs: 1 } },
    });
    expect(told.error).toBeUndefined();
    expect(told.completed).toBe(true);
  });

  it("A download with a catalogue adds to what is left of what was known", () => {
    const scheduler = startingAt(5000 + 14 * days);
    const catalogue = memoryCatalogue({ peers: { A: a, B: a }, totals: noTotals });
    play(() => [scriptedPeer("A", file)], { manifest, scheduler, catalogue }, Infinity);
    const { A, B } = catalogue.content().peers;
    expect(A).toMatchObject({ ok: 2 + 10, failed: 1, failures: 0, heardAt: 5000 + 14 * days });
    expect(B).toEqual(a);
  });

  it("A download with a catalogue asks the peer that served well before the one that failed", () => {
    const known = { bytesPerSecond: 1e6, roundTripMs: 10, failures: 0, heardAt: 0 };
    const peers = { bad: { ...known, ok: 1, failed: 30 }, good: { ...known, ok: 30, failed: 0 } };
    const told = play(() => [scriptedPeer("bad", file), scriptedPeer("good", file)], {
      ...{ manifest, catalogue: memoryCatalogue({ peers, totals: noTotals }) },
    });
    expect(told.of("attempt-started")[0]?.peer).toBe("good");
  });

  it("A download with a catalogue keeps records of others out of its checkpoint", () => {
    const progress = memoryProgress();
    const scheduler = new VirtualTimeScheduler();
    const catalogue = memoryCatalogue({ peers: { elsewhere: a }, totals: noTotals });
    const slow = scriptedPeer("A", file, { bytesPerSecond: 1000, scheduler });
    const config = { pauseWhen: timer(3500, scheduler) };
    play(() => [slow], { manifest, progress, scheduler, catalogue, config });
    expect(Object.keys(progress.saved()?.peers ?? {})).toEqual(["A"]);
    expect(catalogue.content().totals).toMatchObject({ runs: 1, paused: 1, completed: 0 });
  });

  it("A download with a catalogue teaches each leg once, however often the download is paused", () => {
    const [progress, sink, catalogue] = [memoryProgress(), memorySink(), memoryCatalogue()];
    for (let ended = false, n = 0; !ended && n < 10; n++) {
      const scheduler = startingAt(n * 100_000);
      const slow = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 1000, scheduler });
      const config = { pauseWhen: timer(2500, scheduler), retry: { maxConcurrentChunks: 1 } };
      const told = play(() => [slow], { manifest, progress, sink, scheduler, catalogue, config }, Infinity);
      ended = told.of("download-completed").length > 0;
    }
    const { peers, totals } = catalogue.content();
    expect(peers["A"]?.ok).toBeCloseTo(10, 2);
    expect(totals).toMatchObject({ completed: 1, runs: 5, paused: 4, resumed: 4, verified: 10_000 });
  });

  it("A download with a catalogue counts a failure by its code", () => {
    const catalogue = memoryCatalogue();
    play(() => [scriptedPeer("A", file, { refuseWith: "AUTH_FAILED" })], { manifest, catalogue });
    expect(catalogue.content().totals).toMatchObject({ runs: 1, failed: { AUTH_FAILED: 1 } });
  });

  it("A download with a catalogue learns behind an unsubscribe, once, and counts it as a pause", () => {
    const [catalogue, scheduler] = [memoryCatalogue(), new VirtualTimeScheduler()];
    const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, scheduler });
    const parts = { manifest, sink: memorySink(), progress: memoryProgress(), digest: sha256, scheduler, catalogue };
    const running = download({ ...parts, peers: of([peer]) });
    running.pipe(take(12)).subscribe();
    scheduler.flush();
    expect(catalogue.content().totals).toMatchObject({ runs: 1, paused: 1 });
    expect(catalogue.content().peers).toHaveProperty("A");
    running.subscribe();
    scheduler.flush();
    expect(catalogue.content().totals).toMatchObject({ runs: 2, paused: 1, completed: 1 });
  });

  it("A download with a catalogue marks a liar, whom the next download asks again and finds out again", () => {
    const [catalogue, liar] = [memoryCatalogue(), scriptedPeer("liar", file, { corruptAt: 10 })];
    const good = { ...scriptedPeer("good", file), has: (chunk: number) => chunk > 0 };
    play(() => [liar, good], { manifest, catalogue });
    expect(catalogue.content().peers["liar"]).toMatchObject({ quarantinedFor: "CHECKSUM_MISMATCH" });
    const again = play(() => [liar, good], { manifest, catalogue, scheduler: startingAt(9000) }, Infinity);
    expect(again.of("peer-quarantined")).toMatchObject([{ peer: "liar" }]);
    expect(catalogue.content().peers["liar"]?.failed).toBeCloseTo(2, 2);
  });
});

describe("a catalogue that makes trouble", () => {
  const full = (): DownloadError => new DownloadError("LOCAL_IO", "disk full");
  const peers = () => [scriptedPeer("A", file)];

  it("A catalogue that cannot be read is a notice; the download goes on without it, and adds nothing", () => {
    const known = memoryCatalogue();
    const told = play(peers, { manifest, catalogue: { ...known, load: () => throwError(full) } });
    expect(told.completed).toBe(true);
    expect(told.of("notice")).toMatchObject([{ message: "What earlier downloads learned cannot be used: disk full" }]);
    expect(known.content().totals.runs).toBe(0);
  });

  it("A catalogue that cannot be written is a notice before the end", () => {
    const catalogue = { ...memoryCatalogue(), record: () => throwError(full) };
    const told = play(peers, { manifest, catalogue });
    expect(told.completed).toBe(true);
    expect(told.events.at(-2)).toMatchObject({
      type: "notice",
      message: "What was learned of the peers could not be kept: disk full",
    });
  });

  it("A catalogue that cannot be written does not hide why a download failed, nor that its progress could not be saved", () => {
    const [known, broken] = [memoryCatalogue(), memoryProgress()];
    const progress = { ...broken, save: () => throwError(() => new DownloadError("LOCAL_IO", "EIO")) };
    const told = play(peers, { manifest, progress, catalogue: { ...known, record: () => throwError(full) } });
    expect(told.of("download-failed")).toMatchObject([{ code: "LOCAL_IO", message: "EIO" }]);
    expect(told.of("notice").map(({ message }) => message)).toEqual([
      "What was learned of the peers could not be kept: disk full",
      "The progress could not be saved: EIO",
    ]);
  });

  it("Trouble with the catalogue that nobody is there to hear of is told to the next subscription", () => {
    const scheduler = new VirtualTimeScheduler();
    const catalogue = { ...memoryCatalogue(), record: () => throwError(full) };
    const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, scheduler });
    const parts = { manifest, sink: memorySink(), progress: memoryProgress(), digest: sha256, scheduler, catalogue };
    const running = download({ ...parts, peers: of([peer]) });
    running.pipe(take(12)).subscribe();
    scheduler.flush();
    const events: DownloadEvent[] = [];
    running.subscribe((event) => events.push(event));
    scheduler.flush();
    expect(events[0]).toMatchObject({ type: "notice", message: expect.stringContaining("disk full") as string });
    expect(events.at(-1)?.type).toBe("download-completed");
  });

  it("A notice of the catalogue is told, such as that it was damaged", () => {
    const known = memoryCatalogue();
    const load = () => of({ ...known.content(), notice: "set aside" });
    const told = play(peers, { manifest, catalogue: { load, record: () => of("again") } });
    expect(told.of("notice").map(({ message }) => message)).toEqual(["set aside", "again"]);
  });
});
