import { lastValueFrom, of, Subject, throwError, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../src/adapters/memory/memorySink.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const kib = 1024;
const file = someBytes(512 * kib);

/** A sink whose disk is full from this place on. */
function fullFrom(place: number): ReturnType<typeof memorySink> {
  const sink = memorySink();
  const full = new DownloadError("LOCAL_IO", "no space left");
  return { ...sink, write: (at, bytes) => (at >= place ? throwError(() => full) : sink.write(at, bytes)) };
}

describe("A write that fails", () => {
  it("A write that fails costs its own chunk only: the record claims the others, and is a clean one", async () => {
    const scheduler = new VirtualTimeScheduler();
    const manifest = await manifestOf(file, 64 * kib);
    const progress = memoryProgress();
    const told = play(
      () => [scriptedPeer("A", file, { bytesPerSecond: 1024 * kib, pieceBytes: 16 * kib, scheduler })],
      { manifest, sink: fullFrom(448 * kib), progress, scheduler, config: { retry: { maxConcurrentChunks: 1 } } },
    );
    expect(told.of("download-failed")).toMatchObject([{ code: "LOCAL_IO", resumable: true }]);
    const saved = await lastValueFrom(progress.load(), { defaultValue: undefined });
    expect(saved).toMatchObject({ complete: Uint8Array.of(0b0111_1111), cleanStamp: expect.any(String) as string });
  });

  it("A write that fails ends a pause as a failure when it is the write of what the pause left in memory", async () => {
    const scheduler = new VirtualTimeScheduler();
    const manifest = await manifestOf(file, file.length);
    const pauseWhen = new Subject<void>();
    scheduler.schedule(() => pauseWhen.next(), 100);
    const told = play(() => [scriptedPeer("A", file, { bytesPerSecond: 512 * kib, pieceBytes: 16 * kib, scheduler })], {
      manifest,
      sink: fullFrom(0),
      scheduler,
      config: { pauseWhen },
    });
    expect(told.of("download-paused")).toEqual([]);
    expect(told.of("download-failed")).toMatchObject([{ code: "LOCAL_IO" }]);
  });
});

describe("A subscription that begins in the end of another one", () => {
  it("A subscription that begins in the end of another one keeps a third one out", async () => {
    const other = file.map((byte) => byte ^ 1);
    const [manifest, another] = [await manifestOf(file, 64 * kib), await manifestOf(other, 64 * kib)];
    const scheduler = new VirtualTimeScheduler();
    const parts = { manifest, sink: memorySink(), progress: memoryProgress(), digest: sha256, scheduler };
    const all = download({ ...parts, peers: of([scriptedPeer("A", file)]) });
    const slow = download({
      ...parts,
      manifest: another,
      peers: of([scriptedPeer("A", other, { roundTripMs: 500, scheduler })]),
    });
    const ends: string[] = [];
    const end = (who: string) => ({
      complete: () => void ends.push(`${who} done`),
      error: (error: unknown) => void ends.push(`${who} ${error instanceof DownloadError ? error.code : "?"}`),
    });
    const begin = (who: string) => () => void slow.subscribe(end(who));
    all.subscribe({ complete: begin("second") });
    scheduler.schedule(begin("third"), 100);
    scheduler.flush();
    expect(ends).toEqual(["third LOCKED", "second done"]);
  });
});
