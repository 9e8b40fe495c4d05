import { firstValueFrom, of, Subject } from "rxjs";
import { expect, it } from "vitest";
import { type ProvenBytes, ProvenSource } from "../../src/seeder/ProvenSource.js";
import { Bitmap } from "../../src/storage/Bitmap.js";
import { memoryFile } from "./memoryFile.js";

const { manifest, bytes } = await memoryFile(4096, 1024);

const whole: ProvenBytes = { read: (offset, length) => of(bytes.subarray(offset, offset + length)) };
const chunks = (...indices: readonly number[]): Bitmap =>
  indices.reduce((all, index) => all.with(index), Bitmap.empty(4));

function sourceOf(given: ProvenBytes = whole) {
  const source = new ProvenSource(manifest, given);
  const seen: (readonly boolean[])[] = [];
  const have = (): readonly boolean[] => [0, 1, 2, 3].map((chunk) => source.has?.(chunk) ?? true);
  source.changes.subscribe(() => seen.push(have()));
  return { source, seen, have };
}

it("A file that grows has the chunks that are proved, says so at each change, and takes back what is in doubt", () => {
  const { source, seen, have } = sourceOf();
  expect(have()).toEqual([false, false, false, false]);
  source.proven(chunks(2));
  source.proven(chunks(0, 2));
  source.proven(chunks());
  expect(seen).toEqual([
    [false, false, true, false],
    [true, false, true, false],
    [false, false, false, false],
  ]);
});

it("A file is held on to from its first proved chunk on", () => {
  let held = 0;
  const { source } = sourceOf({ ...whole, hold: () => held++ });
  source.proven(chunks());
  expect(held).toBe(0);
  source.proven(chunks(1));
  expect(held).toBe(1);
});

it("A chunk that is taken back while it is read is not handed out", async () => {
  const reading = new Subject<Uint8Array>();
  const { source } = sourceOf({ read: () => reading });
  source.proven(chunks(1));
  const read = firstValueFrom(source.read(1024, 1024));
  source.proven(chunks());
  reading.next(bytes.subarray(1024, 2048));
  await expect(read).rejects.toMatchObject({ code: "CHUNK_NOT_AVAILABLE" });
});

it("A file is whole when every change of it will be noticed, not before", async () => {
  const settled = new Subject<void>();
  const { source, have } = sourceOf({ ...whole, settle: () => firstValueFrom(settled) });
  source.proven(chunks(0, 1, 2));
  const completed = source.completed();
  expect(have()).toEqual([true, true, true, false]);
  settled.next();
  await completed;
  expect(source.has).toBeUndefined();
  expect(await firstValueFrom(source.read(3072, 1024))).toEqual(bytes.subarray(3072));
});

it("A file that is closed has nothing, and lets go of its bytes", async () => {
  let closed = 0;
  const { source, have } = sourceOf({ ...whole, close: () => closed++ });
  await source.completed();
  source.close();
  expect(have()).toEqual([false, false, false, false]);
  expect(closed).toBe(1);
});
