import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { Backpressure } from "../../../src/assembly/node/Backpressure.js";

describe("Backpressure", () => {
  it("Back-pressure begins at the high mark and lasts until the low mark", () => {
    const backpressure = new Backpressure({ highBytes: 100, lowBytes: 40 });
    const told: boolean[] = [];
    backpressure.paused.subscribe((isPaused) => told.push(isPaused));
    backpressure.waits(60);
    backpressure.waits(40);
    backpressure.stored(50);
    backpressure.stored(10);
    expect(told).toEqual([false, true, false]);
  });

  it("Back-pressure evens out what came in one piece, so that the rate holds on the whole", () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const backpressure = new Backpressure({ limitRate: 1000, scheduler });
      cold("a 99ms b").subscribe((bytes) => backpressure.came(bytes === "a" ? 500 : 300));
      expectObservable(backpressure.paused).toBe("t 799ms f", { f: false, t: true });
    });
  });
});
