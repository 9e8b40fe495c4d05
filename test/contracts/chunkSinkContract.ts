import { crc32 as zlibs } from "node:zlib";
import { catchError, EMPTY, firstValueFrom, lastValueFrom, merge, type Observable, of, tap, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { memoryProgress } from "../../src/adapters/memory/memoryProgress.js";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { download } from "../../src/download/download.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import type { ChunkSink } from "../../src/storage/ChunkSink.js";
import { crc32 } from "../../src/storage/crc32.js";
import { writeSummed } from "../../src/storage/writeSummed.js";
import { manifestOf, someBytes } from "../download/swarm.js";

/** What a test needs around a sink. */
export interface SinkHouse {
  /** A sink over the same, at first empty, place each time. */
  sink(): ChunkSink;
  /** The file as others see it once it is finished. */
  finished(): Promise<Uint8Array | undefined>;
}

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const done = (work: Observable<never>) => lastValueFrom(work, { defaultValue: undefined });

/** Every ChunkSink does this. */
export function chunkSinkContract(name: string, house: () => Promise<SinkHouse>): void {
  const opened = async (size: number) => {
    const home = await house();
    const sink = home.sink();
    await firstValueFrom(sink.open(size));
    return { home, sink };
  };
  const localIo = expect.objectContaining({ code: "LOCAL_IO" }) as Error;

  describe(`${name} as a ChunkSink`, () => {
    it("A sink starts empty, without a stamp", async () => {
      const sink = (await house()).sink();
      expect(await firstValueFrom(sink.open(10))).toEqual({ size: 0 });
      await done(sink.close());
    });

    it("A sink gives back what was written, wherever and in whatever order", async () => {
      const { sink } = await opened(10);
      await done(sink.write(6, bytes(7, 8)));
      await done(merge(sink.write(0, bytes(1, 2)), sink.write(2, bytes(3, 4, 5))));
      expect([...(await firstValueFrom(sink.read(0, 5)))]).toEqual([1, 2, 3, 4, 5]);
      expect([...(await firstValueFrom(sink.read(6, 2)))]).toEqual([7, 8]);
      await done(sink.close());
    });

    it("A sink that sums what it writes emits the CRC-32 of the bytes, of a small file and of a large one, and any other is summed for", async () => {
      for (const size of [10, 64 * 1024 * 1024]) {
        const { sink } = await opened(size);
        for (const memory of [bytes(1, 2, 3), sink.memory?.(3) ?? bytes(0)]) {
          memory.set(memory.subarray(0, 1).map(() => 7));
          const sums = writeSummed(sink, crc32, { offset: 4, bytes: memory }).pipe(toArray());
          expect(await firstValueFrom(sums)).toEqual([zlibs(Uint8Array.from(memory))]);
          expect([...(await firstValueFrom(sink.read(4, memory.length)))]).toEqual([...memory]);
        }
        await done(sink.close());
      }
    });

    it("A sink reads no further than the last byte written", async () => {
      const { sink } = await opened(10);
      await done(sink.write(0, bytes(1, 2, 3)));
      expect([...(await firstValueFrom(sink.read(1, 9)))]).toEqual([2, 3]);
      expect(await firstValueFrom(sink.read(5, 2))).toHaveLength(0);
      await done(sink.close());
    });

    it("A sink writes nothing before somebody subscribes, and once for each who does", async () => {
      const { sink } = await opened(10);
      const write = sink.write(0, bytes(1));
      await firstValueFrom(sink.sync());
      expect(await firstValueFrom(sink.read(0, 1))).toHaveLength(0);
      await done(write);
      await done(sink.write(0, bytes(2)));
      await done(write);
      expect([...(await firstValueFrom(sink.read(0, 1)))]).toEqual([1]);
      await done(sink.close());
    });

    it("A sink ends a write that was unsubscribed, and sync waits for it", async () => {
      const { sink } = await opened(1 << 20);
      sink
        .write(0, new Uint8Array(1 << 20).fill(9))
        .subscribe()
        .unsubscribe();
      await firstValueFrom(sink.sync());
      expect((await firstValueFrom(sink.read(0, 1 << 20))).every((byte) => byte === 9)).toBe(true);
      await done(sink.close());
    });

    it("A sink ends a write that was unsubscribed before it closes", async () => {
      const { sink, home } = await opened(1 << 20);
      sink
        .write(0, new Uint8Array(1 << 20).fill(9))
        .subscribe()
        .unsubscribe();
      await done(sink.close());
      const next = home.sink();
      expect(await firstValueFrom(next.open(1 << 20))).toMatchObject({ size: 1 << 20 });
      expect((await firstValueFrom(next.read(0, 1 << 20))).every((byte) => byte === 9)).toBe(true);
      await done(next.close());
    });

    it("A sink keeps bytes and stamp from one use to the next", async () => {
      const { sink, home } = await opened(10);
      await done(sink.write(0, bytes(1, 2, 3)));
      const stamp = await firstValueFrom(sink.sync());
      await done(sink.close());
      const next = home.sink();
      expect(await firstValueFrom(next.open(10))).toEqual({ size: 3, stamp });
      expect([...(await firstValueFrom(next.read(0, 10)))]).toEqual([1, 2, 3]);
      await done(next.close());
    });

    it("A sink may be opened again after it was closed", async () => {
      const { sink } = await opened(10);
      await done(sink.write(0, bytes(1)));
      await done(sink.close());
      expect(await firstValueFrom(sink.open(10))).toMatchObject({ size: 1 });
      await done(sink.close());
    });

    it("A sink has another stamp after another write", async () => {
      const { sink } = await opened(10);
      await done(sink.write(0, bytes(1, 2, 3)));
      const before = await firstValueFrom(sink.sync());
      expect(await firstValueFrom(sink.sync())).toBe(before);
      await done(sink.write(3, bytes(4)));
      expect(await firstValueFrom(sink.sync())).not.toBe(before);
      await done(sink.close());
    });

    it.each([0, 1, 4096, 5000])("A sink gives a file of %i bytes its name when it is whole", async (size) => {
      const { sink, home } = await opened(size);
      const content = Uint8Array.from({ length: size }, (_, index) => index % 251);
      await done(sink.write(0, content));
      expect(await home.finished()).toBeUndefined();
      await done(sink.finish());
      expect(Buffer.from((await home.finished()) ?? [])).toEqual(Buffer.from(content));
      await done(sink.close());
    });

    it("A sink cuts off what an earlier use left behind the end", async () => {
      const { sink, home } = await opened(10);
      await done(sink.write(0, bytes(1, 2, 3, 4, 5)));
      await done(sink.close());
      const next = home.sink();
      await firstValueFrom(next.open(3));
      await done(next.finish());
      expect([...((await home.finished()) ?? [])]).toEqual([1, 2, 3]);
      await done(next.close());
    });

    it("A sink ends a file whose size nobody knew where its last write did", async () => {
      const { sink, home } = await opened(Infinity);
      await done(sink.write(0, new Uint8Array(70_000).fill(1)));
      await done(sink.write(0, new Uint8Array()));
      await done(sink.write(0, bytes(1, 2)));
      await done(sink.write(2, bytes(3)));
      await done(sink.finish());
      expect([...((await home.finished()) ?? [])]).toEqual([1, 2, 3]);
      await done(sink.close());
    });

    it("A sink does not finish a file that is not whole", async () => {
      const { sink, home } = await opened(3);
      await done(sink.write(0, bytes(1, 2)));
      await expect(done(sink.finish())).rejects.toMatchObject({
        code: "LOCAL_IO",
        message: expect.stringContaining("has 2 bytes, expected 3") as string,
      });
      expect(await home.finished()).toBeUndefined();
      await done(sink.close());
    });

    it("A sink writes nothing outside the file", async () => {
      const { sink } = await opened(3);
      await expect(done(sink.write(2, bytes(1, 2)))).rejects.toThrow(localIo);
      await expect(done(sink.write(-1, bytes(1)))).rejects.toThrow(localIo);
      expect(await firstValueFrom(sink.read(0, 3))).toHaveLength(0);
      await done(sink.close());
    });

    it("A sink does nothing while it is not open", async () => {
      const sink = (await house()).sink();
      for (const work of [sink.write(0, bytes(1)), sink.read(0, 1), sink.sync(), sink.finish()]) {
        await expect(lastValueFrom<unknown>(work)).rejects.toThrow(localIo);
      }
    });

    it("A sink is opened once at a time", async () => {
      const { sink } = await opened(3);
      await expect(firstValueFrom(sink.open(3))).rejects.toThrow(localIo);
      await done(sink.close());
    });

    it("A sink keeps its first use when a second one is refused", async () => {
      const { sink, home } = await opened(3);
      await done(sink.write(0, bytes(1, 2)));
      await expect(firstValueFrom(sink.open(3))).rejects.toThrow(localIo);
      await done(sink.write(2, bytes(3)));
      expect([...(await firstValueFrom(sink.read(0, 3)))]).toEqual([1, 2, 3]);
      await done(sink.finish());
      expect([...((await home.finished()) ?? [])]).toEqual([1, 2, 3]);
      await done(sink.close());
    });

    it.each([0, 30])(
      "A sink serves one download: another one after %i chunks is LOCKED, and the first goes on",
      async (after) => {
        const home = await house();
        const file = someBytes(100_000);
        const parts = {
          manifest: await manifestOf(file, 1000),
          peers: of([scriptedPeer("A", file, { roundTripMs: 1 })]),
          sink: home.sink(),
          progress: memoryProgress(),
          digest: sha256,
        };
        let chunks = 0;
        let second: Promise<readonly DownloadEvent[]> | undefined;
        const told = (events: Observable<DownloadEvent>) =>
          lastValueFrom(
            events.pipe(
              catchError(() => EMPTY),
              toArray(),
            ),
          );
        const first = download(parts).pipe(
          tap(({ type }) => {
            if (type === "chunk-verified") chunks++;
            if (chunks >= after) second ??= told(download(parts));
          }),
        );
        expect((await told(first)).at(-1)?.type).toBe("download-completed");
        expect(Buffer.from((await home.finished()) ?? [])).toEqual(Buffer.from(file));
        expect(await second).toMatchObject([
          {
            type: "download-failed",
            code: "LOCKED",
            message: expect.stringContaining("this download is subscribed already; share it") as string,
          },
        ]);
      },
    );

    it("A sink is closed as often as one likes", async () => {
      const { sink } = await opened(3);
      await done(sink.close());
      await done(sink.close());
      await done((await house()).sink().close());
    });
  });
}
