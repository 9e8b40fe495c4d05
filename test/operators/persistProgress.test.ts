import fc from "fast-check";
import {
  EMPTY,
  finalize,
  ignoreElements,
  map,
  merge,
  NEVER,
  Observable,
  of,
  range,
  Subject,
  take,
  tap,
  timer,
  VirtualTimeScheduler,
} from "rxjs";
import { describe, expect, it } from "vitest";
import { persistProgress } from "../../operators/persistProgress.js";
import type { PersistProgressConfig } from "../../operators/ProgressSaver.js";
import { marbles } from "./marbles.js";

const mine = new Error("mine");
const thrower = (): never => {
  throw mine;
};
const upper = (state: string): string => state.toUpperCase();

/** Saves take no time and tell what they saved. */
const atOnce = { everyMs: 5, save: (state: string) => of(upper(state)) };

describe("persistProgress", () => {
  it(
    "Progress is saved some time after its first unsaved state, the latest one then, and the last one at the end",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot("    a-b-c--------d---|");
      const saved = cold("    -s|");
      const states: string[] = [];
      const save = (state: string): Observable<string> =>
        saved.pipe(map(() => states.at(states.push(state) - 1) ?? ""));
      expectObservable(source.pipe(persistProgress({ everyMs: 5, save }))).toBe("------c-----------d|");
      expectSubscriptions(saved.subscriptions).toBe(["-----^-!", "-----------------^-!"]);
      expectSubscriptions(source.subscriptions).toBe("^----------------!");
    }),
  );

  it(
    "An empty and a silent source are passed on by persistProgress, and one state and many are saved",
    marbles(({ cold, expectObservable }) => {
      expectObservable(EMPTY.pipe(persistProgress(atOnce))).toBe("|");
      expectObservable(NEVER.pipe(persistProgress(atOnce))).toBe("-");
      expectObservable(of("a").pipe(persistProgress(atOnce))).toBe("(A|)");
      expectObservable(of("a", "b", "c").pipe(persistProgress(atOnce))).toBe("(C|)");
      expectObservable(cold("a------b----c-----").pipe(persistProgress(atOnce))).toBe("-----A------C");
    }),
  );

  it(
    "Two saves never run at once, and a state that came meanwhile is saved when its time is up",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const slow = cold("--------s|");
      const source = hot("a----b-c---------d-----|");
      const save = (state: string): Observable<string> => slow.pipe(map(() => upper(state)));
      expectObservable(source.pipe(persistProgress({ everyMs: 3, save }))).toBe("-----------A--------C--------D|");
      expectSubscriptions(slow.subscriptions).toBe([
        "---^--------!",
        "------------^--------!",
        "---------------------^--------!",
      ]);
    }),
  );

  it(
    "The time to a save counts from the first state that came during the one before",
    marbles(({ cold, expectObservable }) => {
      const save = (state: string): Observable<string> => timer(4).pipe(map(() => upper(state)));
      expectObservable(cold("a------b-c------").pipe(persistProgress({ everyMs: 6, save }))).toBe("----------A------C");
    }),
  );

  it(
    "A state that a save brings about is saved in its own time",
    marbles(({ expectObservable }) => {
      const states = new Subject<string>();
      const again = (state: string): void => states.next(state + state);
      const result = states.pipe(
        persistProgress(atOnce),
        map((state) => (again(state), state.length)),
        take(3),
      );
      expectObservable(
        merge(
          result,
          timer(0).pipe(
            tap(() => again("a")),
            ignoreElements(),
          ),
        ),
      ).toBe("-----x----y----(z|)", { x: 2, y: 4, z: 8 });
    }),
  );

  it("Many states set one timer for their save, which unsubscribing takes back", () => {
    const scheduler = new VirtualTimeScheduler();
    const schedule = scheduler.schedule.bind(scheduler);
    let timers = 0;
    scheduler.schedule = (work, delayMs, state) => {
      timers += 1;
      return schedule(work, delayMs, state);
    };
    const states = new Subject<string>();
    const subscription = states.pipe(persistProgress({ ...atOnce, scheduler })).subscribe();
    for (let i = 0; i < 1000; i++) states.next("a");
    expect([timers, scheduler.actions.length]).toEqual([1, 1]);
    subscription.unsubscribe();
    expect(scheduler.actions).toEqual([]);
  });

  it(
    "A state that is worth it is saved at once, and the callback is told what was saved last",
    marbles(({ cold, expectObservable }) => {
      const asked: string[] = [];
      const worthSaving = (state: string, saved: string | undefined): boolean => {
        asked.push(`${saved ?? "nothing"}>${state}`);
        return state >= "c";
      };
      const source = cold("a-c--b------|").pipe(persistProgress({ ...atOnce, worthSaving }));
      expectObservable(source).toBe("--C-------B-|");
      expectObservable(
        cold("-------------|").pipe(tap({ complete: () => expect(asked).toEqual(["nothing>a", "nothing>c", "c>b"]) })),
      ).toBe("-------------|");
    }),
  );

  it(
    "Saves that are worth it keep a gap, counted from the start of the one before",
    marbles(({ cold, expectObservable }) => {
      const config = { ...atOnce, everyMs: 50, minGapMs: 4, worthSaving: () => true };
      expectObservable(cold("ab-c----d-e").pipe(persistProgress(config))).toBe("A---C---D---E");
    }),
  );

  it(
    "A state that came during a save is judged by what that save saved",
    marbles(({ cold, expectObservable }) => {
      const slow = (state: number): Observable<number> => timer(4).pipe(map(() => state));
      const values = { a: 10, b: 15, c: 25 };
      const worthSaving = (state: number, saved = 0): boolean => state - saved >= 10;
      const source = (marble: string): Observable<number> => cold(marble, values);
      const config = { everyMs: 20, save: slow, worthSaving };
      expectObservable(source("ab-------------------------").pipe(persistProgress(config))).toBe(
        "----a 20ms b",
        values,
      );
      expectObservable(source("abc------------------------").pipe(persistProgress(config))).toBe("----a---c", values);
    }),
  );

  it(
    "At the end of the source the running save is waited for, then the last state is saved, then the result completes",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const slow = cold("----s|");
      const save = (state: string): Observable<string> => slow.pipe(map(() => upper(state)));
      const config = { everyMs: 1, minGapMs: 100, save };
      expectObservable(hot("a--b|").pipe(persistProgress(config))).toBe("-----A----B|");
      expectSubscriptions(slow.subscriptions).toBe(["-^----!", "------^----!"]);
      expectObservable(hot("a--|").pipe(persistProgress({ everyMs: 1, save: () => cold("----s|") }))).toBe("-----s|");
    }),
  );

  it(
    "When the source errors the last state is saved, then the error is passed on",
    marbles(({ cold, hot, expectObservable }) => {
      expectObservable(hot("a-#", undefined, mine).pipe(persistProgress(atOnce))).toBe("--(A#)", undefined, mine);
      expectObservable(cold("#", undefined, mine).pipe(persistProgress(atOnce))).toBe("#", undefined, mine);
      const save = (state: string): Observable<string> => timer(4).pipe(map(() => upper(state)));
      const result = hot("a-b-#", undefined, mine).pipe(persistProgress({ everyMs: 1, save }));
      expectObservable(result).toBe("-----A---(B#)", undefined, mine);
    }),
  );

  it(
    "A save that errors is the result's error, and stops the source",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot("a---------b");
      expectObservable(source.pipe(persistProgress({ everyMs: 3, save: () => cold("--#") }))).toBe("-----#");
      expectSubscriptions(source.subscriptions).toBe("^----!");
      expectObservable(of("a").pipe(persistProgress({ everyMs: 3, save: thrower }))).toBe("#", undefined, mine);
    }),
  );

  it(
    "Unsubscribing from persistProgress stops the source, the timer and a running save, and saves nothing",
    marbles(({ cold, hot, scheduler, expectObservable, expectSubscriptions, flush }) => {
      const source = hot("a-b-----");
      const slow = cold("    ------s|");
      let saves = 0;
      const save = (): Observable<string> => {
        saves += 1;
        return slow;
      };
      const result = source.pipe(persistProgress({ everyMs: 3, save }));
      expectObservable(result, "^----!").toBe("-----");
      expectObservable(result, "^-!").toBe("---");
      expectSubscriptions(slow.subscriptions).toBe("---^-!");
      expectSubscriptions(source.subscriptions).toBe(["^----!", "^-!"]);
      flush();
      expect([saves, scheduler.actions.length]).toEqual([1, 0]);
    }),
  );

  it(
    "The states of each subscriber are kept apart",
    marbles(({ cold, expectObservable }) => {
      const result = cold("a-b-------").pipe(persistProgress(atOnce));
      expectObservable(result).toBe("-----B");
      expectObservable(result, "---^").toBe("--------B");
    }),
  );

  it(
    "The result errors when worthSaving throws, for a state that came between saves or during one",
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold("-a").pipe(persistProgress({ ...atOnce, worthSaving: thrower }))).toBe(
        "-#",
        undefined,
        mine,
      );
      const config = {
        everyMs: 1,
        save: () => timer(3).pipe(map(() => "s")),
        worthSaving: (state: string) => state === "b" && thrower(),
      };
      expectObservable(cold("a-b").pipe(persistProgress(config))).toBe("----(s#)", undefined, mine);
    }),
  );

  it.each(["error", "complete"] as const)(
    "After a source that ends with %s is torn down, its last state is saved",
    (end) => {
      const order: string[] = [];
      const source = new Subject<string>();
      source
        .pipe(
          finalize(() => order.push("torn down")),
          persistProgress({
            everyMs: 10,
            scheduler: new VirtualTimeScheduler(),
            save: (state) => {
              order.push(`saves ${state}`);
              return EMPTY;
            },
          }),
        )
        .subscribe({ error: () => order.push("error"), complete: () => order.push("complete") });
      source.next("a");
      source[end]("broken");
      expect(order).toEqual(["torn down", "saves a", end]);
    },
  );

  it("A synchronous source and a synchronous save that nobody wants any more are stopped", () => {
    let states = 0;
    const source = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(states++);
    });
    let values = 0;
    const save = (): Observable<number> =>
      new Observable((subscriber) => {
        while (!subscriber.closed) subscriber.next(values++);
      });
    const config = { everyMs: 100, worthSaving: (state: number) => state === 4, save };
    source.pipe(persistProgress(config), take(3)).subscribe();
    expect([states, values]).toEqual([5, 3]);
  });

  it("A hundred thousand states in a row are saved without growing the stack", () => {
    const saved: number[] = [];
    range(0, 100_000)
      .pipe(persistProgress({ everyMs: 0, save: (state) => of(saved.push(state)) }))
      .subscribe();
    expect(saved).toHaveLength(100_000);
    const feedback = new Subject<number>();
    let last = 0;
    feedback.pipe(persistProgress({ everyMs: 0, save: (state) => of(state) })).subscribe((state) => {
      last = state;
      if (state < 100_000) feedback.next(state + 1);
    });
    feedback.next(0);
    expect(last).toBe(100_000);
  });

  it("Progress is saved in time by a clock that is set back", () => {
    const scheduler = new VirtualTimeScheduler();
    let setBackMs = 0;
    const real = scheduler.now.bind(scheduler);
    scheduler.now = () => real() - setBackMs;
    const savedAt: number[] = [];
    const source = new Subject<number>();
    source
      .pipe(
        persistProgress({
          everyMs: 10,
          minGapMs: 4,
          worthSaving: (state) => state > 1,
          save: () => of(savedAt.push(real())),
          scheduler,
        }),
      )
      .subscribe();
    source.next(1);
    setBackMs = 1_000_000;
    scheduler.flush();
    setBackMs = 2_000_000;
    source.next(2);
    scheduler.flush();
    expect(savedAt).toEqual([10, 20]);
  });

  describe("when the source errors and the last save fails too", () => {
    const failure = (sourceError: unknown, saveError: unknown): unknown => {
      let caught: unknown;
      const source = new Observable<string>((subscriber) => {
        subscriber.next("a");
        subscriber.error(sourceError);
      });
      const save = (): Observable<never> => {
        throw saveError;
      };
      source.pipe(persistProgress({ everyMs: 5, save })).subscribe({ error: (error: unknown) => (caught = error) });
      return caught;
    };
    const [disk, net] = [new Error("disk full"), (): Error => new Error("connection lost", { cause: mine })];

    it("When the source errors and the last save too, the result errors with the source's own error, which has the save's as suppressed", () => {
      const lost = net();
      expect(failure(lost, disk)).toBe(lost);
      expect([lost.cause, (lost as { suppressed?: unknown }).suppressed]).toEqual([mine, disk]);
      expect(Object.keys(lost)).not.toContain("suppressed");
    });

    it("An error that cannot take a suppressed one is wrapped", () => {
      const frozen = Object.freeze(net());
      const taken = Object.assign(net(), { suppressed: mine });
      for (const error of [frozen, taken, "gone", undefined] as unknown[]) {
        const caught = failure(error, disk) as AggregateError;
        expect(caught).toBeInstanceOf(AggregateError);
        expect(caught.errors).toEqual([error, disk]);
        expect(caught.message).toBe(String(error));
      }
    });

    it("An error does not suppress itself", () => {
      const lost = net();
      expect(failure(lost, lost)).toBe(lost);
      expect("suppressed" in lost).toBe(false);
    });
  });

  it("Whatever comes when, saves never overlap, come in order, and end with the last state", () => {
    const script = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 });
    const ms = fc.integer({ min: 0, max: 30 });
    fc.assert(
      fc.property(script, ms, ms, ms, (gaps, everyMs, minGapMs, saveMs) => {
        const scheduler = new VirtualTimeScheduler();
        const starts: number[] = [];
        const saved: number[] = [];
        let open = 0;
        const config: PersistProgressConfig<number, unknown> = {
          everyMs,
          minGapMs,
          worthSaving: (state) => state % 3 === 0,
          scheduler,
          save: (state) => {
            expect((open += 1)).toBe(1);
            starts.push(scheduler.now());
            return timer(saveMs, scheduler).pipe(
              tap(() => saved.push(state)),
              finalize(() => (open -= 1)),
            );
          },
        };
        const source = new Subject<number>();
        let complete = false;
        source.pipe(persistProgress(config)).subscribe({ complete: () => (complete = true) });
        let at = 0;
        gaps.forEach((gap, state) => scheduler.schedule(() => source.next(state), (at += gap)));
        scheduler.schedule(() => source.complete(), at);
        scheduler.flush();
        expect(complete).toBe(true);
        expect(saved).toEqual([...saved].sort((a, b) => a - b));
        expect(saved.at(-1)).toBe(gaps.length === 0 ? undefined : gaps.length - 1);
        starts.slice(1, -1).forEach((start, i) => expect(start - (starts[i] ?? 0)).toBeGreaterThanOrEqual(minGapMs));
      }),
    );
  });

  it.each([
    [{ everyMs: -1 }, "everyMs is -1, expected a number from 0 to 2147483647"],
    [{ everyMs: 1, minGapMs: 2 ** 31 }, "minGapMs is 2147483648, expected a number from 0 to 2147483647"],
  ])("Progress cannot be persisted with %j, which is refused", (config, message) => {
    expect(() => persistProgress({ save: () => EMPTY, ...config })).toThrow(new RangeError(message));
  });
});
