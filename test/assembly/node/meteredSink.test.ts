import { lastValueFrom, NEVER, type Observable, of, Subject, throwError } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import { memoryProgress } from "../../../src/adapters/memory/memoryProgress.js";
import { memorySink } from "../../../src/adapters/memory/memorySink.js";
import { Backpressure, meteredSink } from "../../../src/assembly/node/Backpressure.js";
import { DownloadLock } from "../../../src/assembly/node/DownloadLock.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { ChunkSink } from "../../../src/storage/ChunkSink.js";
import { WriteQueue } from "../../../src/transfer/WriteQueue.js";

const piece = new Uint8Array(100);

let backpressure: Backpressure;
let told: boolean[];

beforeEach(() => {
  backpressure = new Backpressure({ highBytes: 300, lowBytes: 100 });
  told = [];
  backpressure.paused.subscribe((isPaused) => told.push(isPaused));
});

/** A sink whose writes are as they are told to be, one after the other. */
function sinkOf(...writes: readonly Observable<never>[]): ChunkSink {
  const left = [...writes];
  return meteredSink({ ...memorySink(), write: () => left.shift() ?? NEVER }, backpressure);
}

describe("a metered sink", () => {
  it("Bytes that are being written hold reading, until they are on the disk", () => {
    const ends = [0, 1, 2, 3].map(() => new Subject<never>());
    const sink = sinkOf(...ends);
    ends.forEach((_, at) => sink.write(at * 100, piece).subscribe());
    expect(told).toEqual([false, true]);
    ends.slice(0, 2).forEach((end) => end.complete());
    expect(told).toEqual([false, true]);
    ends[2]?.complete();
    expect(told).toEqual([false, true, false]);
  });

  it("A write that throws where it should have begun holds nobody back", () => {
    const write = (): Observable<never> => {
      throw new DownloadError("LOCAL_IO", "it is broken");
    };
    const sink = meteredSink({ ...memorySink(), write }, backpressure);
    for (let at = 0; at < 4; at += 1) sink.write(at * 100, piece).subscribe({ error: () => undefined });
    expect(told.at(-1)).toBe(false);
  });

  it("Writes that never begin, because one before them failed, hold nobody back", () => {
    const sink = sinkOf(throwError(() => new DownloadError("LOCAL_IO", "the disk is full")));
    const queue = new WriteQueue();
    for (let at = 0; at < 5; at += 1) queue.add(sink.write(at * 100, piece), () => undefined);
    expect(queue.failure).toBeDefined();
    expect(told).toEqual([false]);
  });

  it("Writes that are refused, because the lock was lost, hold nobody back", async () => {
    const check = (): void => {
      throw new DownloadError("LOCKED", "another has it");
    };
    const lock = new DownloadLock(of({ check }));
    await lastValueFrom(lock.take(), { defaultValue: undefined });
    const { sink } = lock.guard({ sink: sinkOf(), progress: memoryProgress() });
    const refused: unknown[] = [];
    for (let at = 0; at < 5; at += 1) {
      sink.write(at * 100, piece).subscribe({ error: (error: unknown) => refused.push(error) });
    }
    expect(refused).toHaveLength(5);
    expect(told).toEqual([false]);
  });
});
