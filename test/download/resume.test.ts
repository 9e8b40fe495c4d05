import { concat, lastValueFrom, of, Subject, throwError, timer, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { Checkpoint } from "../../src/storage/Checkpoint.js";
import { sameBytes } from "../../src/transfer/verifyChunk.js";
import { manifestOf, play, someBytes } from "./swarm.js";
import { turns } from "./turns.js";

const file = someBytes(10_000);
const manifest = await manifestOf(file, 1000);

/** Half of the file, then paused at 5 s. */
function half() {
  const scheduler = new VirtualTimeScheduler();
  const [sink, progress] = [memorySink(), memoryProgress()];
  const peer = scriptedPeer("A", file, { bytesPerSecond: 1000, pieceBytes: 100, scheduler });
  const config = { pauseWhen: timer(5050, scheduler), retry: { maxConcurrentChunks: 1 } };
  const told = play(() => [peer], { manifest, sink, progress, config, scheduler });
  return { told, sink, progress };
}

const saved = (progress: { saved(): Checkpoint | undefined }): Checkpoint => {
  const checkpoint = progress.saved();
  if (checkpoint === undefined) throw new Error("nothing is saved");
  return checkpoint;
};

describe("pauseWhen", () => {
  it("A pause stops the legs, saves, tells and completes", () => {
    const { told, progress } = half();
    expect(told.completed).toBe(true);
    expect(told.endedAt).toBe(5050);
    expect(told.events.slice(-2).map(({ type }) => type)).toEqual(["checkpoint-saved", "download-paused"]);
    expect(told.of("download-paused")).toMatchObject([
      { account: { done: 5000, verified: 5000, received: 5000, failedChunks: 0 } },
    ]);
    expect(saved(progress).cleanStamp).toBeDefined();
  });

  it("A pause that is wanted at once comes before the first request", () => {
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest, config: { pauseWhen: of(1) } });
    expect(told.events.map(({ type }) => type)).toEqual(["download-paused"]);
    expect(peer.asked).toEqual([]);
  });

  it("A pauseWhen that fails, fails the download", () => {
    const told = play(() => [scriptedPeer("A", file, { hang: true })], {
      manifest,
      config: { pauseWhen: throwError(() => new Error("broken button")) },
    });
    expect(told.error).toMatchObject({ message: "broken button" });
  });

  it("A pauseWhen may complete without a word", () => {
    const told = play(() => [scriptedPeer("A", file)], { manifest, config: { pauseWhen: concat() } });
    expect(told.of("download-completed")).toHaveLength(1);
  });

  it("A pause whose save fails ends in failure, with one terminal event", () => {
    const sink = memorySink();
    const pause = new Subject<void>();
    let broken = false;
    const sync = () => (broken ? throwError(() => new DownloadError("LOCAL_IO", "EIO")) : sink.sync());
    const scheduler = new VirtualTimeScheduler();
    scheduler.schedule(() => {
      broken = true;
      pause.next();
    }, 500);
    const told = play(() => [scriptedPeer("A", file, { hang: true })], {
      ...{ manifest, scheduler, sink: { ...sink, sync }, config: { pauseWhen: pause } },
    });
    expect(told.error).toMatchObject({ code: "LOCAL_IO", message: "EIO" });
    expect(told.events.filter(({ type }) => type.startsWith("download-"))).toHaveLength(2);
  });
});

describe("a download taken up again", () => {
  it("A download taken up again after a clean end fetches what is missing and nothing else, from the frontier", () => {
    const { sink, progress } = half();
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest, sink, progress });
    expect(told.of("download-started")).toMatchObject([{ resumedChunks: 5, resumedBytes: 5000 }]);
    expect(peer.asked.map(({ chunk }) => chunk)).toEqual([5, 6, 7, 8, 9]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({
      resumed: 5000,
      received: 5000,
      resumes: 1,
      done: 10_000,
      verified: 10_000,
    });
    expect(progress.saved()).toBeUndefined();
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A download taken up again goes on in the middle of a chunk", () => {
    const { sink, progress } = half();
    const record = saved(progress);
    sink.open(10_000).subscribe();
    sink.write(5000, file.subarray(5000, 5300)).subscribe();
    let cleanStamp = "";
    sink.sync().subscribe((stamp) => (cleanStamp = stamp));
    sink.close().subscribe();
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], {
      ...{ manifest, sink, progress: memoryProgress({ ...record, cleanStamp, frontiers: { 5: 300, 9: 1000 } }) },
    });
    expect(peer.asked[0]).toEqual({ chunk: 5, offset: 300, length: 700, position: 5300 });
    expect(told.of("download-completed")[0]?.account.received).toBe(4700);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A download taken up again drops a frontier whose bytes are wrong, and blames nobody for it", () => {
    const { sink, progress } = half();
    const record = saved(progress);
    sink.open(10_000).subscribe();
    sink.write(5000, new Uint8Array(1700)).subscribe();
    sink.close().subscribe();
    const told = play(() => [scriptedPeer("A", file)], {
      ...{ manifest, sink, progress: memoryProgress({ ...record, frontiers: { 5: 1000, 6: 700 } }) },
    });
    expect(told.completed).toBe(true);
    expect(told.of("peer-quarantined")).toEqual([]);
    expect(told.of("attempt-started").filter(({ chunk }) => chunk === 5)).toMatchObject([{ offset: 0 }]);
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A download taken up again after an unclean end hashes what is there, and fetches only what is bad", () => {
    const { sink, progress } = half();
    sink.open(10_000).subscribe();
    sink.write(3500, Uint8Array.of(1, 2, 3)).subscribe();
    sink.close().subscribe();
    const peer = turns("A", file, [{}]);
    const told = play(() => [peer], { manifest, sink, progress });
    expect(peer.asked.map(({ chunk }) => chunk).sort()).toEqual([3, 5, 6, 7, 8, 9]);
    expect(told.of("notice")).toMatchObject([
      { message: "The last run did not end cleanly: 5 chunks on disk are checked beside the download" },
    ]);
    expect(
      told
        .of("chunk-verified")
        .filter(({ resumed }) => resumed)
        .map(({ chunk }) => chunk),
    ).toEqual([0, 1, 2, 4]);
    expect(told.of("download-completed")[0]?.account).toMatchObject({
      resumed: 4000,
      received: 6000,
      done: 10_000,
      verified: 10_000,
    });
    expect(sameBytes(told.bytes, file)).toBe(true);
  });

  it("A download taken up again needs no peer when everything is on disk", () => {
    const sink = memorySink();
    sink.open(10_000).subscribe();
    sink.write(0, file).subscribe();
    sink.close().subscribe();
    const told = play(() => [], { manifest, sink });
    expect(told.completed).toBe(true);
    expect(told.of("attempt-started")).toEqual([]);
  });

  it("A download taken up again says that a record was unreadable, where it is kept, and checks the disk", () => {
    const { sink, progress } = half();
    const load = () => of({ unreadable: "not JSON", setAside: "file.part.json.bad" });
    const told = play(() => [scriptedPeer("A", file)], { manifest, sink, progress: { ...progress, load } });
    expect(told.of("notice")[0]?.message).toContain("unreadable (not JSON) and is kept as file.part.json.bad");
    expect(told.of("download-completed")[0]?.account).toMatchObject({ resumed: 5000, received: 5000, resumes: 0 });
  });

  it("A download taken up again refuses the record of another file, and leaves it and the bytes untouched", async () => {
    const { sink, progress } = half();
    const record = progress.saved();
    const other = await manifestOf(someBytes(10_000).reverse(), 1000);
    const before = sink.bytes().slice();
    const told = play(() => [scriptedPeer("A", file)], { manifest: other, sink, progress });
    expect(told.error).toMatchObject({ code: "INVALID_CHECKPOINT" });
    expect(told.of("download-failed")).toMatchObject([{ resumable: false }]);
    expect(progress.saved()).toEqual(record);
    expect(sameBytes(sink.bytes(), before)).toBe(true);
  });

  it("A download taken up again renews retry counts, and remembers what chunks failed with and peers were like", () => {
    const [sink, progress] = [memorySink(), memoryProgress()];
    const failed = play(() => [scriptedPeer("A", file, { refuseWith: "CONNECTION_REFUSED" })], {
      manifest,
      sink,
      progress,
    });
    expect(failed.error).toMatchObject({ code: "RETRIES_EXHAUSTED" });
    const { failed: chunks, peers } = saved(progress);
    expect(chunks).toContainEqual({
      chunkIndex: 0,
      attemptCount: 4,
      lastAttempt: 7000,
      lastPeer: "A",
      lastError: "CONNECTION_REFUSED",
    });
    expect(peers["A"]).toMatchObject({ ok: 0, failures: 10, blacklistedUntil: 307_000 });
    const again = play(() => [scriptedPeer("A", file)], { manifest, sink, progress });
    expect(again.of("peer-blacklisted")).toMatchObject([{ peer: "A", untilMs: 300_000 }, { probing: true }]);
    expect(again.completed).toBe(true);
  });
});

describe("files of every size", () => {
  it.each([
    [0, 1000],
    [1, 1000],
    [999, 1000],
    [1000, 1000],
    [1001, 1000],
    [3000, 1000],
  ])("Files of %i bytes come whole in chunks of %i", async (size, chunkSize) => {
    const bytes = someBytes(size);
    const sink = memorySink();
    const told = play(() => [scriptedPeer("A", bytes)], { manifest: await manifestOf(bytes, chunkSize), sink });
    expect(told.of("download-completed")[0]?.account).toMatchObject({
      size,
      done: size,
      verified: size,
      received: size,
    });
    expect(sameBytes(told.bytes, bytes)).toBe(true);
    expect(sink.finished()).toBe(true);
  });
});

describe("two subscriptions at once", () => {
  it("Two subscriptions at once are refused, and the first goes on", async () => {
    const scheduler = new VirtualTimeScheduler();
    const peers = of([scriptedPeer("A", file, { roundTripMs: 100, scheduler })]);
    const parts = { manifest, peers, sink: memorySink(), progress: memoryProgress(), digest: sha256, scheduler };
    const events: DownloadEvent[] = [];
    const running = download(parts);
    running.subscribe((event) => events.push(event));
    await expect(lastValueFrom(running)).rejects.toMatchObject({ code: "LOCKED" });
    scheduler.flush();
    expect(events.at(-1)?.type).toBe("download-completed");
  });
});
