import fc from "fast-check";
import { map, merge, Subscription, tap, VirtualTimeScheduler } from "rxjs";
import type { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { retryBudget } from "../../operators/retryBudget.js";
import { marbles } from "./marbles.js";

const named = (token: Observable<void>, name: string): Observable<string> => token.pipe(map(() => name));

describe("retryBudget", () => {
  it(
    "A retry budget starts full and hands out at once what it has",
    marbles(({ expectObservable }) => {
      const budget = retryBudget({ capacity: 2 });
      expectObservable(named(budget.take(), "a")).toBe("(a|)");
      expectObservable(named(budget.take(), "b")).toBe("(b|)");
    }),
  );

  it(
    "A retry budget takes nothing before it is subscribed, and one token a subscriber",
    marbles(({ expectObservable }) => {
      const budget = retryBudget({ capacity: 2 });
      const token = named(budget.take(), "a");
      expect(budget.tokens).toBe(2);
      expectObservable(token).toBe("(a|)");
      expectObservable(token).toBe("(a|)");
      expectObservable(token).toBe("1s (a|)");
    }),
  );

  it(
    "Whoever finds a retry budget empty waits for a token a second, first come first served",
    marbles(({ expectObservable }) => {
      const budget = retryBudget({ capacity: 1 });
      expectObservable(named(budget.take(), "a")).toBe("(a|)");
      expectObservable(named(budget.take(), "b")).toBe("1s (b|)");
      expectObservable(named(budget.take(), "c")).toBe("2s (c|)");
    }),
  );

  it(
    "A success serves whoever waits longest for a token, and never serves when nothing is earned",
    marbles(({ cold, expectObservable }) => {
      const budget = retryBudget({ capacity: 1, perSuccess: 0.5, perSecond: 0 });
      expectObservable(named(budget.take(), "a")).toBe("(a|)");
      expectObservable(named(budget.take(), "b")).toBe("---(b|)");
      expectObservable(named(budget.take(), "c")).toBe("-");
      expectObservable(cold("--ss----s").pipe(tap(() => budget.succeeded()))).toBe("--ss----s");
    }),
  );

  it(
    "The others move up when one gives up its place in a retry budget, which costs nothing",
    marbles(({ expectObservable }) => {
      const budget = retryBudget({ capacity: 1 });
      expectObservable(named(budget.take(), "a")).toBe("(a|)");
      expectObservable(named(budget.take(), "b"), "^ 500ms !").toBe("-");
      expectObservable(named(budget.take(), "c")).toBe("1s (c|)");
    }),
  );

  it(
    "A cheap request is served at once when the dear one before it gives up",
    marbles(({ expectObservable }) => {
      const budget = retryBudget({ capacity: 4, perSecond: 1 });
      expectObservable(named(budget.take(3), "a")).toBe("(a|)");
      expectObservable(named(budget.take(4), "b"), "^ 500ms !").toBe("-");
      expectObservable(named(budget.take(1), "c")).toBe("501ms (c|)");
      expectObservable(named(budget.take(0), "d")).toBe("501ms (d|)");
    }),
  );

  it("A retry budget runs one timer while somebody waits, and none else", () => {
    const scheduler = new VirtualTimeScheduler();
    const budget = retryBudget({ capacity: 1, scheduler });
    const waiting = new Subscription();
    for (let i = 0; i < 10; i++) waiting.add(budget.take().subscribe());
    expect(scheduler.actions).toHaveLength(1);
    waiting.unsubscribe();
    expect(scheduler.actions).toHaveLength(0);
  });

  it("A retry budget fills up with time, never above its capacity, and a clock that is set back earns nothing", () => {
    let now = 5000;
    const scheduler = new VirtualTimeScheduler();
    scheduler.now = () => now;
    const budget = retryBudget({ capacity: 2, perSecond: 0.5, scheduler });
    expect(budget.tryTake(2)).toBe(true);
    now += 1000;
    expect(budget.tokens).toBe(0.5);
    now -= 4000;
    expect(budget.tokens).toBe(0.5);
    now += 1000;
    expect(budget.tokens).toBe(1);
    now += 1_000_000;
    expect(budget.tokens).toBe(2);
    budget.succeeded();
    expect(budget.tokens).toBe(2);
  });

  it("A retry budget gives at once only what leaves enough, and nothing while somebody waits", () => {
    const budget = retryBudget({ capacity: 4, perSecond: 0, scheduler: new VirtualTimeScheduler() });
    expect([budget.tryTake(1, 2), budget.tryTake(1, 2), budget.tryTake(1, 2)]).toEqual([true, true, false]);
    expect(budget.tokens).toBe(2);
    const dear = budget.take(3).subscribe();
    expect(budget.tryTake()).toBe(false);
    dear.unsubscribe();
    expect(budget.tryTake()).toBe(true);
  });

  it("Ten tenths of a token are a token", () => {
    const budget = retryBudget({ capacity: 1, perSuccess: 0.1, perSecond: 0, scheduler: new VirtualTimeScheduler() });
    budget.tryTake();
    for (let i = 0; i < 10; i++) budget.succeeded();
    expect(budget.tryTake()).toBe(true);
  });

  it("A wait for tokens that is longer than a timer can hold is waited in pieces", () => {
    const scheduler = new VirtualTimeScheduler();
    const budget = retryBudget({ capacity: 1, perSecond: 1e-7, scheduler });
    const servedAt: number[] = [];
    const delays: number[] = [];
    const schedule = scheduler.schedule.bind(scheduler);
    scheduler.schedule = (work, delayMs = 0, state) => {
      delays.push(delayMs);
      return schedule(work, delayMs, state);
    };
    merge(budget.take(), budget.take()).subscribe(() => servedAt.push(scheduler.now()));
    scheduler.flush();
    expect(servedAt[0]).toBe(0);
    expect(Math.max(...delays)).toBe(2 ** 31 - 1);
    expect(Math.abs((servedAt[1] ?? 0) - 1e10)).toBeLessThan(100);
  });

  it("Whoever asks again from inside is served in turn and without growing the stack", () => {
    const budget = retryBudget({ capacity: 1, perSuccess: 1, perSecond: 0, scheduler: new VirtualTimeScheduler() });
    const served: number[] = [];
    budget.tryTake();
    for (let place = 0; place < 20_000; place++) {
      budget.take().subscribe(() => {
        served.push(place);
        budget.succeeded();
      });
    }
    budget.succeeded();
    expect(served).toEqual(Array.from({ length: 20_000 }, (_, place) => place));
  });

  it("A retry budget never hands out more than it was given", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("take" as const), cost: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant("tryTake" as const), cost: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant("success" as const), cost: fc.constant(0) }),
      fc.record({ kind: fc.constant("giveUp" as const), cost: fc.constant(0) }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), step)),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (script, perSuccess, perSecond) => {
          const scheduler = new VirtualTimeScheduler();
          const budget = retryBudget({ capacity: 5, perSuccess, perSecond, scheduler });
          const waiting: Subscription[] = [];
          let spent = 0;
          let successes = 0;
          let at = 0;
          for (const [afterMs, { kind, cost }] of script) {
            at += afterMs;
            scheduler.schedule(() => {
              if (kind === "take") waiting.push(budget.take(cost).subscribe(() => (spent += cost)));
              else if (kind === "tryTake") spent += budget.tryTake(cost) ? cost : 0;
              else if (kind === "giveUp") waiting.shift()?.unsubscribe();
              else {
                successes += 1;
                budget.succeeded();
              }
              const earned = 5 + successes * perSuccess + (scheduler.now() / 1000) * perSecond;
              expect(spent).toBeLessThanOrEqual(earned + 1e-6);
              expect(budget.tokens).toBeGreaterThanOrEqual(0);
              expect(budget.tokens).toBeLessThanOrEqual(5);
            }, at);
          }
          scheduler.maxFrames = at;
          scheduler.flush();
        },
      ),
    );
  });

  it.each([
    [{ capacity: 0 }, "capacity is 0, expected a number from 1 to 9007199254740991"],
    [{ perSuccess: -1 }, "perSuccess is -1, expected a number from 0 to 9007199254740991"],
    [{ perSecond: NaN }, "perSecond is NaN, expected a number from 0 to 9007199254740991"],
  ])("A retry budget refuses %j", (config, message) => {
    expect(() => retryBudget(config)).toThrow(new RangeError(message));
  });

  it("A retry budget refuses a cost that no wait can bring", () => {
    const message = "cost is 21, expected a number from 0 to 20";
    expect(() => retryBudget().take(21)).toThrow(new RangeError(message));
    expect(() => retryBudget().tryTake(21)).toThrow(new RangeError(message));
  });

  it("The next one in a retry budget is served when the one before throws", () => {
    const budget = retryBudget({ capacity: 1, perSuccess: 1, perSecond: 0, scheduler: new VirtualTimeScheduler() });
    const seen: unknown[] = [];
    const thrower = budget.take().pipe(
      map(() => {
        throw new Error("mine");
      }),
    );
    budget.tryTake();
    thrower.subscribe({ error: (error: unknown) => seen.push(error) });
    named(budget.take(), "next").subscribe((name) => seen.push(name));
    budget.succeeded();
    budget.succeeded();
    expect(seen).toEqual([new Error("mine"), "next"]);
  });
});
