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

  it("Back-pressure takes another rate while it lasts: what is owed is paid at the new one, and without one at once", () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const backpressure = new Backpressure({ limitRate: 1000, scheduler });
      cold("a 99ms b 99ms c").subscribe((what) => {
        if (what === "a") backpressure.came(1000);
        if (what === "b") backpressure.limit(9000);
        if (what === "c") backpressure.came(9000);
      });
      cold("250ms a 49ms b").subscribe((what) => (what === "a" ? backpressure.limit() : backpressure.came(1e9)));
      expectObservable(backpressure.paused).toBe("t 249ms f", { f: false, t: true });
    });
  });
});
