import { firstValueFrom, lastValueFrom } from "rxjs";
import { expect, it, onTestFinished, vi } from "vitest";
import { blobSink } from "../../../src/adapters/browser/blobSink.js";

async function sinkWith(...bytes: readonly number[]) {
  const sink = blobSink();
  await firstValueFrom(sink.open(bytes.length));
  await write(0, ...bytes);
  const reader = sink.reader();
  async function write(offset: number, ...more: readonly number[]): Promise<void> {
    await lastValueFrom(sink.write(offset, Uint8Array.from(more)), { defaultValue: undefined });
  }
  return {
    sink,
    write,
    read: async (offset: number, length: number) => [...(await firstValueFrom(reader.read(offset, length)))],
  };
}

it("What a file in memory has is read by others while it grows, when it is whole, and after its run", async () => {
  const { sink, write, read } = await sinkWith(1, 2, 3, 4);
  expect(await read(1, 2)).toEqual([2, 3]);
  await write(1, 9);
  expect(await read(0, 4)).toEqual([1, 9, 3, 4]);
  await lastValueFrom(sink.finish(), { defaultValue: undefined });
  expect(await read(1, 3)).toEqual([9, 3, 4]);
});

it("Bytes that came last are read without a Blob of them, and are the reader's own", async () => {
  let made = 0;
  class CountedBlob extends Blob {
    constructor(parts?: BlobPart[]) {
      super(parts);
      made++;
    }
  }
  vi.stubGlobal("Blob", CountedBlob);
  onTestFinished(() => void vi.unstubAllGlobals());
  const { write, read } = await sinkWith(1, 2, 3, 4, 5, 6);
  const before = await read(2, 3);
  expect(made).toBe(0);
  await write(2, 7);
  expect(before).toEqual([3, 4, 5]);
  expect(await read(1, 2)).toEqual([2, 7]);
});
