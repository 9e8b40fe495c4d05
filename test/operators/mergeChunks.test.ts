import { EMPTY, finalize, map, NEVER, Observable, of, range, Subject, take, takeUntil, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { mergeChunks } from "../../operators/mergeChunks.js";
import { marbles } from "./marbles.js";

interface Watched<C> extends Iterable<C> {
  readonly log: (C | "end" | "return")[];
}

/** An iterable that tells what was pulled from it and whether it was returned. */
function watched<C>(items: Iterable<C>): Watched<C> {
  const log: Watched<C>["log"] = [];
  return {
    log,
    [Symbol.iterator]: () => {
      const iterator = items[Symbol.iterator]();
      return {
        next: () => {
          const next = iterator.next();
          log.push(next.done === true ? "end" : next.value);
          return next;
        },
        return: () => {
          log.push("return");
          return { done: true, value: undefined };
        },
      };
    },
  };
}

const mine = new Error("mine");
const thrower = (): never => {
  throw mine;
};

describe("mergeChunks with a concurrency", () => {
  it(
    "With a concurrency, mergeChunks starts the next stream when one is done",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const streams = { a: cold("--1--|"), b: cold("---3-------4|"), c: cold("--5|") };
      const result = of(["a", "b", "c"] as const).pipe(mergeChunks((name) => streams[name], { concurrency: 2 }));
      expectObservable(result).toBe("--13---5---4|");
      expectSubscriptions(streams.a.subscriptions).toBe("^----!");
      expectSubscriptions(streams.b.subscriptions).toBe("^-----------!");
      expectSubscriptions(streams.c.subscriptions).toBe("-----^--!");
    }),
  );

  it(
    "With a concurrency, mergeChunks passes empty, never, one and many on",
    marbles(({ cold, expectObservable }) => {
      const all = (items: Iterable<string>, stream: Observable<string>): Observable<string> =>
        of(items).pipe(mergeChunks(() => stream, { concurrency: 3 }));
      expectObservable(all([], NEVER)).toBe("|");
      expectObservable(all(["x"], NEVER)).toBe("-");
      expectObservable(all(["x", "y"], EMPTY)).toBe("|");
      expectObservable(all(["x"], cold("-a-|"))).toBe("-a-|");
      expectObservable(all("xyz", cold("-a----|"))).toBe("-(aaa)|");
      expectObservable(EMPTY.pipe(mergeChunks(() => NEVER, { concurrency: 1 }))).toBe("|");
    }),
  );

  it(
    "The iterables of the source of mergeChunks are taken one after another",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const stream = cold("-v-|");
      const source = hot("   a-b------|").pipe(map(() => [1, 2]));
      expectObservable(source.pipe(mergeChunks(() => stream, { concurrency: 1 }))).toBe("-v--v--v--v-|");
      expectSubscriptions(stream.subscriptions).toBe(["^--!", "---^--!", "------^--!", "---------^--!"]);
    }),
  );

  it(
    "A stream that errors ends mergeChunks at once, which stops the others and returns the iterator",
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const items = watched(["a", "b", "c"]);
      const [a, b] = [cold("--1-2-3-"), cold("---#")];
      const result = of(items).pipe(mergeChunks((name) => (name === "a" ? a : b), { concurrency: 2 }));
      expectObservable(result).toBe("--1#");
      expectSubscriptions(a.subscriptions).toBe("^--!");
      flush();
      expect(items.log).toEqual(["a", "b", "return"]);
    }),
  );

  it(
    "An error of the source of mergeChunks is passed on, and what runs is stopped",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const stream = cold("-v--v-v");
      const source = hot(" a--#").pipe(map(() => [1]));
      expectObservable(source.pipe(mergeChunks(() => stream, { concurrency: 1 }))).toBe("-v-#");
      expectSubscriptions(stream.subscriptions).toBe("^--!");
    }),
  );

  it(
    "Unsubscribing from mergeChunks stops everything and returns the iterator",
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const items = watched([1, 2, 3]);
      const stream = cold("-v-v-v");
      expectObservable(of(items).pipe(mergeChunks(() => stream, { concurrency: 2 })), "^-!").toBe("-(vv)");
      expectSubscriptions(stream.subscriptions).toBe(["^-!", "^-!"]);
      flush();
      expect(items.log).toEqual([1, 2, "return"]);
    }),
  );

  it(
    "For each subscriber mergeChunks pulls anew",
    marbles(({ cold, expectObservable }) => {
      const result = of([1, 2]).pipe(mergeChunks(() => cold("-v|"), { concurrency: 1 }));
      expectObservable(result).toBe("-v-v|");
      expectObservable(result, "--^").toBe("---v-v|");
    }),
  );

  it(
    "The result of mergeChunks errors when project, the iterable or its iterator throws, and only an iterator that did not is returned",
    marbles(({ cold, expectObservable, flush }) => {
      const items = watched([1, 2]);
      const stream = cold("-v|");
      expectObservable(of(items).pipe(mergeChunks(thrower, { concurrency: 1 }))).toBe("#", undefined, mine);
      const project = (item: number): Observable<string> => (item === 1 ? stream : thrower());
      expectObservable(of(watched([1, 2])).pipe(mergeChunks(project, { concurrency: 1 }))).toBe("-v#", undefined, mine);
      const failing = watched({ [Symbol.iterator]: () => ({ next: thrower }) });
      expectObservable(of(failing).pipe(mergeChunks(() => NEVER, { concurrency: 1 }))).toBe("#", undefined, mine);
      const broken = { [Symbol.iterator]: thrower } as Iterable<number>;
      expectObservable(of(broken).pipe(mergeChunks(() => NEVER, { concurrency: 1 }))).toBe("#", undefined, mine);
      flush();
      expect(items.log).toEqual([1, "return"]);
      expect(failing.log).toEqual([]);
    }),
  );

  it("An item is pulled by mergeChunks only when it may start, and no more are open than may be", () => {
    const items = watched(counting(100));
    const inner = new Map<number, Subject<string>>();
    let open = 0;
    let most = 0;
    const project = (item: number): Observable<string> => {
      const subject = new Subject<string>();
      inner.set(item, subject);
      open += 1;
      most = Math.max(most, open);
      return subject.pipe(finalize(() => (open -= 1)));
    };
    of(items)
      .pipe(mergeChunks(project, { concurrency: 3 }))
      .subscribe();
    expect(items.log).toEqual([0, 1, 2]);
    inner.get(1)?.complete();
    expect(items.log).toEqual([0, 1, 2, 3]);
    for (const subject of inner.values()) subject.complete();
    expect(items.log.at(-1)).toBe("end");
    expect(most).toBe(3);
  });

  it("A hundred thousand synchronous streams do not grow the stack of mergeChunks", () => {
    let values = 0;
    let complete = false;
    of(counting(100_000))
      .pipe(mergeChunks((item) => of(item), { concurrency: 1 }))
      .subscribe({ next: () => (values += 1), complete: () => (complete = true) });
    expect([values, complete]).toEqual([100_000, true]);
  });

  it("Synchronous streams that nobody wants any more are stopped by mergeChunks", () => {
    let made = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(made++);
    });
    const run = (project: (item: number) => Observable<number>): (number | string)[] => {
      const items = watched(counting(Infinity));
      of(items)
        .pipe(mergeChunks(project, { concurrency: 2 }), take(3))
        .subscribe();
      return items.log;
    };
    expect(run(() => endless)).toEqual([0, "return"]);
    expect(made).toBe(3);
    expect(run((item) => of(item))).toEqual([0, 1, 2, "return"]);
  });

  it("A generator that ends its own subscription while it is pulled is returned", () => {
    const stop = new Subject<void>();
    let returned = false;
    function* items(): Generator<number> {
      try {
        yield 1;
        stop.next();
        yield 2;
      } finally {
        returned = true;
      }
    }
    const started: number[] = [];
    const project = (item: number): Observable<number> => of(started.push(item));
    of(items())
      .pipe(mergeChunks(project, { concurrency: 1 }), takeUntil(stop))
      .subscribe();
    expect([started, returned]).toEqual([[1], true]);
  });

  it.each([0, -1, NaN])("A concurrency of %d is refused by mergeChunks", (concurrency) => {
    const message = `concurrency is ${concurrency}, expected a number of at least 1`;
    expect(() => mergeChunks(() => EMPTY, { concurrency })).toThrow(new RangeError(message));
  });
});

describe("mergeChunks with admissions", () => {
  it(
    "With admissions, mergeChunks pulls once for each, and completes when the last stream ends with nothing left",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const admit = hot("x----x-----x----x");
      const stream = cold("1--|");
      expectObservable(of(["a", "b"]).pipe(mergeChunks(() => stream, { admit }))).toBe("1----1--|");
      expectSubscriptions(stream.subscriptions).toBe(["^--!", "-----^--!"]);
      expectSubscriptions(admit.subscriptions).toBe("^-------!");
    }),
  );

  it(
    "Admissions are let go of as soon as the iterator has ended, while the last stream still runs",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const admit = hot("x--x--x");
      expectObservable(of(["a"]).pipe(mergeChunks(() => cold("-----1-|"), { admit }))).toBe("-----1-|");
      expectSubscriptions(admit.subscriptions).toBe("^--!");
    }),
  );

  it(
    "While nothing is admitted, mergeChunks waits",
    marbles(({ hot, expectObservable }) => {
      expectObservable(of([1]).pipe(mergeChunks(() => of("v"), { admit: NEVER }))).toBe("-");
      expectObservable(of([1]).pipe(mergeChunks(() => of("v"), { admit: hot("--x") }))).toBe("--(v|)");
      expectObservable(of([]).pipe(mergeChunks(() => of("v"), { admit: NEVER }))).toBe("|");
    }),
  );

  it(
    "Unsubscribing stops admissions, streams and the iterator",
    marbles(({ cold, hot, expectObservable, expectSubscriptions, flush }) => {
      const items = watched([1, 2, 3]);
      const admit = hot("xx");
      const stream = cold("--v--");
      expectObservable(of(items).pipe(mergeChunks(() => stream, { admit })), "^--!").toBe("--v");
      expectSubscriptions(stream.subscriptions).toBe(["^--!", "-^-!"]);
      expectSubscriptions(admit.subscriptions).toBe("^--!");
      flush();
      expect(items.log).toEqual([1, 2, "return"]);
    }),
  );

  it(
    "The result of mergeChunks errors when admit does, and when admit completes before the iterator has ended",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const stream = cold("-v-------");
      const run = (admit: Observable<unknown>): Observable<string> =>
        of([1, 2, 3]).pipe(mergeChunks(() => stream, { admit }));
      expectObservable(run(hot("x--#", undefined, mine))).toBe("-v-#", undefined, mine);
      const early = new Error("admit completed before the last item was started");
      expectObservable(run(hot("x--|"))).toBe("-v-#", undefined, early);
      expectSubscriptions(stream.subscriptions).toBe(["^--!", "^--!"]);
    }),
  );

  it(
    "As many synchronous admissions are taken as there are items, and no more",
    marbles(({ cold, expectObservable }) => {
      expectObservable(of([1, 2, 3]).pipe(mergeChunks(() => cold("-v-----|"), { admit: range(3) }))).toBe("-(vvv)-|");
    }),
  );

  it("Admissions that fire from inside are neither lost nor doubled", () => {
    const admit = new Subject<void>();
    const items = watched(counting(100_000));
    let values = 0;
    let complete = false;
    of(items)
      .pipe(mergeChunks((item) => of(item).pipe(finalize(() => admit.next())), { admit }))
      .subscribe({ next: () => (values += 1), complete: () => (complete = true) });
    expect(values).toBe(0);
    admit.next();
    expect([values, complete, items.log.length]).toEqual([100_000, true, 100_001]);
    expect(admit.observed).toBe(false);
  });

  it("Two admissions that fire while one is pulled start two", () => {
    const admit = new Subject<void>();
    function* items(): Generator<number> {
      admit.next();
      admit.next();
      yield* [1, 2, 3, 4, 5];
    }
    const started: number[] = [];
    of(items())
      .pipe(mergeChunks((item) => NEVER.pipe(tap({ subscribe: () => started.push(item) })), { admit }))
      .subscribe();
    admit.next();
    expect(started).toEqual([1, 2, 3]);
  });

  it("A synchronous admit that nobody wants any more is stopped", () => {
    let admissions = 0;
    const admit = new Observable<void>((subscriber) => {
      while (!subscriber.closed) {
        admissions += 1;
        subscriber.next();
      }
    });
    of(counting(Infinity))
      .pipe(
        mergeChunks((item) => of(item), { admit }),
        take(3),
      )
      .subscribe();
    of([1])
      .pipe(mergeChunks(() => NEVER, { admit }))
      .subscribe();
    expect(admissions).toBe(5);
  });
});

function* counting(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i;
}
