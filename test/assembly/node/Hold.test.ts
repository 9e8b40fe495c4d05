import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { Hold } from "../../../src/assembly/node/Hold.js";

describe("Hold", () => {
  it("A hold begins at the high mark and lasts until the low mark", () => {
    const hold = new Hold({ highBytes: 100, lowBytes: 40 });
    const told: boolean[] = [];
    hold.held.subscribe((held) => told.push(held));
    hold.waits(60);
    hold.waits(40);
    hold.stored(50);
    hold.stored(10);
    expect(told).toEqual([false, true, false]);
  });

  it("A hold evens out what came in one piece, so that the rate holds on the whole", () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const hold = new Hold({ limitRate: 1000, scheduler });
      cold("a 99ms b").subscribe((bytes) => hold.came(bytes === "a" ? 500 : 300));
      expectObservable(hold.held).toBe("t 799ms f", { f: false, t: true });
    });
  });
});
