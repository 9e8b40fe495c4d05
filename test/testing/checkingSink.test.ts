import type { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { checkingSink } from "../../src/testing/checkingSink.js";
import { syntheticFile } from "../../src/testing/syntheticFile.js";

const chunkBytes = 10_000;
const file = syntheticFile(25_000, chunkBytes);

/** What a synchronous observable emits, or the message it errors with. */
function outcome<T>(source: Observable<T>): readonly (T | string)[] {
  const all: (T | string)[] = [];
  source.subscribe({ next: (value) => all.push(value), error: (error: unknown) => all.push((error as Error).message) });
  return all;
}

function opened() {
  const sink = checkingSink(file);
  outcome(sink.open(25_000));
  return sink;
}

describe("a sink that checks", () => {
  it("A sink that checks counts the chunks that are right in every byte, whoever overwrites them", () => {
    const sink = opened();
    const write = (at: number, bytes: Uint8Array) => outcome(sink.write(at, bytes));
    write(0, file.bytes(0, 4096));
    write(4096, file.bytes(4096, 5904));
    write(10_000, file.flipped(10_000, 10_000));
    write(20_000, file.bytes(20_000, 5000).slice()); // a copy is as right as a view
    expect(sink.rightChunks()).toBe(2);
    write(10_000, file.bytes(10_000, 10_000));
    expect(sink.rightChunks()).toBe(3);
    write(0, file.bytes(0, 4096));
    expect(sink.rightChunks()).toBe(3);
    write(4096, file.flipped(4096, 4096));
    expect(sink.rightChunks()).toBe(2);
  });

  it("A sink that checks finds one wrong byte in a copy, and right bytes at the wrong place", () => {
    const sink = opened();
    const bytes = file.bytes(0, 10_000).slice();
    bytes[9999] = (bytes[9999] ?? 0) ^ 1;
    outcome(sink.write(0, bytes));
    outcome(sink.write(10_000, file.bytes(0, 10_000)));
    expect(sink.rightChunks()).toBe(0);
  });

  it("A sink that checks reads back what it was given, and no further than it has", () => {
    const sink = opened();
    expect(outcome(sink.read(0, 100))).toEqual([new Uint8Array(0)]);
    outcome(sink.write(0, file.bytes(0, 4096)));
    outcome(sink.write(4096, file.flipped(4096, 5904)));
    outcome(sink.write(10_000, file.bytes(10_000, 4096)));
    expect(outcome(sink.read(0, 4096))).toEqual([file.bytes(0, 4096).slice()]);
    expect(outcome(sink.read(4096, 5904))).toEqual([file.flipped(4096, 5904).slice()]);
    expect(outcome(sink.read(10_000, 9000))).toEqual([file.bytes(10_000, 4096).slice()]);
  });

  it("A sink that checks has a stamp that changes with its bytes, and is opened again with both", () => {
    const sink = checkingSink(file);
    expect(outcome(sink.open(25_000))).toEqual([{ size: 0 }]);
    const [before] = outcome(sink.sync());
    outcome(sink.write(0, file.bytes(0, 4096)));
    const [after] = outcome(sink.sync());
    expect(after).not.toBe(before);
    outcome(sink.close());
    expect(outcome(sink.open(25_000))).toEqual([{ size: 4096, stamp: after }]);
  });

  it("A sink that checks is finished when it is whole", () => {
    const sink = opened();
    const isNotWhole = "checking sink: it has 0 bytes, expected 25000: it is not whole";
    expect(outcome(sink.finish())).toEqual([isNotWhole]);
    outcome(sink.write(20_000, file.bytes(20_000, 5000)));
    expect(outcome(sink.finish())).toEqual([]);
    expect(outcome(sink.sync())).toEqual(["checking sink: it is not open"]);
  });

  it("A sink that checks refuses what a file would refuse", () => {
    const sink = checkingSink(file);
    expect(outcome(sink.open(1))).toEqual(["checking sink: it is for 25000 bytes, got 1"]);
    outcome(sink.open(25_000));
    expect(outcome(sink.open(25_000))).toEqual(["checking sink: it is in use already"]);
    const tooMuch = "checking sink: it has room for 25000 bytes, got 2 for offset 24999";
    expect(outcome(sink.write(24_999, new Uint8Array(2)))).toEqual([tooMuch]);
    expect(outcome(sink.write(0, new Uint8Array(0)))).toEqual([]);
  });
});
