import { defer, of } from "rxjs";
import { describe, expect, it } from "vitest";
import { uninterruptible } from "../../src/storage/uninterruptible.js";
import { marbles } from "../operators/marbles.js";

describe("Uninterruptible work", () => {
  it(
    "Work goes on when its only subscriber leaves, and the next one hears of its end",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold("-----|");
      const running = uninterruptible(work);
      expectObservable(running, "---!").toBe("----");
      expectObservable(running, "----^").toBe("-----|");
      expectSubscriptions(work.subscriptions).toBe("^----!");
    }),
  );

  it(
    "Work that has ended is not done again; who comes later gets its last value and its error",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold("-a-b#");
      const running = uninterruptible(work);
      expectObservable(running).toBe("-a-b#");
      expectObservable(running, "------^").toBe("------(b#)");
      expectSubscriptions(work.subscriptions).toBe("^---!");
    }),
  );

  it("Work is not begun before somebody subscribes, and ends at once when it is synchronous", () => {
    let begun = 0;
    const work = uninterruptible(
      defer(() => {
        begun++;
        return of(1, 2);
      }),
    );
    expect(begun).toBe(0);
    const seen: number[] = [];
    work.subscribe((value) => seen.push(value)).unsubscribe();
    work.subscribe((value) => seen.push(value));
    expect([begun, seen]).toEqual([1, [1, 2, 2]]);
  });
});
