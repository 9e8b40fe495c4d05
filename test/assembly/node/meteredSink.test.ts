import { lastValueFrom } from "rxjs";
import { expect, it } from "vitest";
import { memorySink } from "../../../src/adapters/memory/memorySink.js";
import { Backpressure, meteredSink } from "../../../src/assembly/node/Backpressure.js";

it("A metered sink holds for bytes that wait in line to be written, and lets go when they are", async () => {
  const backpressure = new Backpressure({ highBytes: 300, lowBytes: 100 });
  const told: boolean[] = [];
  backpressure.paused.subscribe((isPaused) => told.push(isPaused));
  const sink = meteredSink(memorySink(), backpressure);
  await lastValueFrom(sink.open(1000));
  const writes = [0, 100, 200, 300].map((offset) => sink.write(offset, new Uint8Array(100)));
  expect(told).toEqual([false, true]);
  for (const write of writes) await lastValueFrom(write, { defaultValue: undefined });
  expect(told).toEqual([false, true, false]);
});
