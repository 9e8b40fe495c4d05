import {
  config as rxjsConfig,
  EMPTY,
  finalize,
  map,
  NEVER,
  Observable,
  of,
  take,
  tap,
  throwError,
  VirtualTimeScheduler,
} from "rxjs";
import type { ObservableInput } from "rxjs";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import type { AttemptContext } from "../../operators/attempt.js";
import type { RetryEvent } from "../../operators/RetryEvent.js";
import type { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { PeerList } from "../../operators/retryWithPeerSwitch.js";
import type { RetryWithPeerSwitchConfig } from "../../operators/RetryWithPeerSwitchConfig.js";
import { explained } from "./explained.js";
import { marbles } from "./marbles.js";

const mine = new Error("mine");
const thrower = (): never => {
  throw mine;
};

/** Runs the peers named, of which `answers` tells the answer; ends with why it gave up, as a value. */
const ask = (
  source: Observable<PeerList<string>>,
  answers: Readonly<Record<string, ObservableInput<string>>>,
  config?: RetryWithPeerSwitchConfig<string>,
): Observable<string> =>
  source.pipe(
    retryWithPeerSwitch((peer) => answers[peer] ?? EMPTY, config),
    explained(),
  );

describe("the source of retryWithPeerSwitch", () => {
  it(
    "The source of candidates is subscribed only when the result is, and until the result ends",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot("a-----", { a: ["A"] });
      const result = ask(source, { A: cold("--v|") });
      expectObservable(result).toBe("--v|");
      expectSubscriptions(source.subscriptions).toBe("^--!");
      const alice = cold("-v|");
      ask(of(["A"]), { A: alice });
      expectSubscriptions(alice.subscriptions).toBe([]);
    }),
  );

  it(
    "A source that completes with nobody to ask is given up with no-peers",
    marbles(({ hot, expectObservable }) => {
      expectObservable(ask(EMPTY, {})).toBe("(G|)", { G: "no-peers after 0: undefined" });
      expectObservable(ask(of([]), {})).toBe("(G|)", { G: "no-peers after 0: undefined" });
      expectObservable(ask(hot("a---|", { a: [] }), {})).toBe("----(G|)", { G: "no-peers after 0: undefined" });
    }),
  );

  it(
    "A source that completes while the only peer left cannot be asked again is given up with no-peers",
    marbles(({ cold, hot, expectObservable }) => {
      const source = hot("a---|", { a: ["A"] });
      const answers = { A: cold("-#", undefined, mine) };
      const G = "no-peers after 1: mine";
      expectObservable(ask(source, answers, { classify: () => "switch" })).toBe("----(G|)", { G });
      expectObservable(ask(of(["A"]), answers, { classify: () => "switch" })).toBe("-(G|)", { G });
    }),
  );

  it(
    "A source that completes is followed by the peers that it named last",
    marbles(({ cold, expectObservable }) => {
      expectObservable(ask(of(["A"], ["B"]), { A: cold("a|"), B: cold("b|") })).toBe("b|");
    }),
  );

  it(
    "An error of the source is passed on as it is, and stops the attempt and the wait",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = hot("a--#", { a: ["A"] }, mine);
      const [alice, failing] = [cold("-v-----v"), cold("#")];
      expectObservable(ask(source, { A: alice })).toBe("-v-#", undefined, mine);
      expectSubscriptions(alice.subscriptions).toBe("^--!");
      expectObservable(ask(source, { A: failing })).toBe("---#", undefined, mine);
      expectSubscriptions(failing.subscriptions).toBe("(^!)");
    }),
  );

  it(
    "A source that names nobody is waited for, and the first peer that it names starts the attempt",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const events: string[] = [];
      const source = hot("a---b--c", { a: [], b: [], c: ["A", "B"] });
      const alice = cold("-v|");
      expectObservable(ask(source, { A: alice }, { onEvent: ({ type }) => events.push(type) })).toBe("--------v|");
      expectSubscriptions(alice.subscriptions).toBe("-------^-!");
      expectObservable(
        cold("----------|").pipe(finalize(() => expect(events).toEqual(["starved", "attempt", "success"]))),
      ).toBe("----------|");
    }),
  );

  it(
    "A source that names nobody is waited for until the deadline",
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot<string[]>("-");
      expectObservable(ask(source, {})).toBe("300s (G|)", { G: "deadline after 0: undefined" });
      expectSubscriptions(source.subscriptions).toBe("^ 299999ms !");
    }),
  );

  it(
    "A peer that the source takes away in mid-attempt goes on with it",
    marbles(({ cold, hot, expectObservable }) => {
      const source = hot("a-b", { a: ["A"], b: [] });
      expectObservable(ask(source, { A: cold("-v---v|") })).toBe("-v---v|");
    }),
  );

  it(
    "A peer that the source takes away before its retry is not asked: the next one is asked, or waited for",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const [alice, bob, carol] = [cold("#"), cold("b|"), cold("c|")];
      expectObservable(ask(hot("a-b", { a: ["A", "B"], b: ["B"] }), { A: alice, B: bob })).toBe("1s b|");
      expectSubscriptions(alice.subscriptions).toBe("(^!)");
      const source = hot("a-b 1s c", { a: ["A"], b: [], c: ["C"] });
      expectObservable(ask(source, { A: cold("#"), C: carol })).toBe("--- 1s c|");
    }),
  );

  it(
    "A live view of candidates is read when a decision is due and not before",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const view = new Set(["A"]);
      const [alice, bob] = [cold("--#"), cold("b|")];
      expectObservable(ask(of(view), { A: alice, B: bob }, { samePeerRetries: 0 })).toBe("1002ms b|");
      cold("-x").subscribe(() => view.add("B"));
      expectSubscriptions(alice.subscriptions).toBe("^-!");
    }),
  );

  it(
    "An emission of the source disturbs no attempt and no wait",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const alice = cold("--#");
      const bob = cold("b|");
      const source = hot("aaaaaaa 993ms aaaaaa", { a: ["A", "B"] });
      expectObservable(ask(source, { A: alice, B: bob }, { samePeerRetries: 0 })).toBe("1002ms b|");
      expectSubscriptions(alice.subscriptions).toBe("^-!");
    }),
  );

  it("Candidates are read no further than the first one that will do", () => {
    let read = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield `peer ${read++}`;
      },
    };
    of(endless)
      .pipe(retryWithPeerSwitch(() => of("v")))
      .subscribe();
    expect(read).toBe(1);
  });
});

describe("a list of peers that is none", () => {
  it.each([
    ["http://a", '"http://a"'],
    ["", '""'],
    [5, "5"],
    [undefined, "undefined"],
    [null, "null"],
    [{ url: "http://a" }, "an object"],
  ])("A list of peers that is none is a TypeError that says what it was and what there is: %j", (list, what) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("-v|");
      const error = new TypeError(
        `the source emitted ${what}; it must emit lists of peers, such as of([peerA, peerB])`,
      );
      expectObservable(ask(of(list as unknown as PeerList<string>), { h: alice })).toBe("#", undefined, error);
      expectSubscriptions(alice.subscriptions).toBe([]);
    })();
  });

  it("A string is refused as a list of peers by its type, and a plain array is accepted", () => {
    expectTypeOf<string>().not.toExtend<PeerList<string>>();
    expectTypeOf<readonly string[]>().toExtend<PeerList<string>>();
    expectTypeOf<Set<string>>().toExtend<PeerList<string>>();
    const seen: string[] = [];
    of(["http://a", "http://b"])
      .pipe(retryWithPeerSwitch((url) => of(url)))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual(["http://a"]);
  });
});

describe("an attempt of retryWithPeerSwitch", () => {
  it(
    "An attempt knows its number, the retries, the deadline and the scheduler",
    marbles(({ scheduler, cold, expectObservable }) => {
      const seen: AttemptContext<string>[] = [];
      const attempt = (_: string, context: AttemptContext<string>): Observable<string> => {
        seen.push(context);
        return cold("#");
      };
      const result = of(["A"]).pipe(retryWithPeerSwitch(attempt, { maxRetries: 1, scheduler }), explained());
      expectObservable(result).toBe("1s (G|)", { G: "exhausted after 2: error" });
      expectObservable(
        cold("2s |").pipe(
          finalize(() => {
            expect(seen.map(({ attempt, retry, deadlineAt }) => [attempt, retry, deadlineAt])).toEqual([
              [0, 0, 300_000],
              [1, 1, 300_000],
            ]);
            expect(seen[0]?.scheduler).toBe(scheduler);
          }),
        ),
      ).toBe("2s |");
    }),
  );

  it(
    "One value, many and silence of an attempt are passed on, and its end completes the result",
    marbles(({ cold, expectObservable }) => {
      expectObservable(ask(of(["A"]), { A: cold("--a|") })).toBe("--a|");
      expectObservable(ask(of(["A"]), { A: cold("a-b-c--|") })).toBe("a-b-c--|");
      expectObservable(ask(of(["A"]), { A: NEVER }, { attemptTimeoutMs: Infinity, deadlineMs: Infinity })).toBe("-");
      expectObservable(ask(of(["A"]), { A: ["a", "b"] })).toBe("(ab|)");
    }),
  );

  it(
    "An attempt that completes without a value has failed",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("-|");
      expectObservable(ask(of(["A"]), { A: alice }, { maxRetries: 1 })).toBe("1002ms (G|)", {
        G: "exhausted after 2: the attempt completed without a value",
      });
      expectSubscriptions(alice.subscriptions).toBe(["^!", "1001ms ^!"]);
    }),
  );

  it(
    "An attempt that throws has failed",
    marbles(({ expectObservable }) => {
      const result = of(["A"]).pipe(retryWithPeerSwitch(thrower, { maxRetries: 1 }), explained());
      expectObservable(result).toBe("1s (G|)", { G: "exhausted after 2: mine" });
    }),
  );

  it(
    "The values of an attempt that failed are not taken back",
    marbles(({ cold, expectObservable }) => {
      expectObservable(ask(of(["A", "B"]), { A: cold("a-#"), B: cold("b|") }, { samePeerRetries: 0 })).toBe(
        "a 1001ms b|",
      );
    }),
  );

  it(
    "An attempt stops, like the source and the wait, when the result is unsubscribed",
    marbles(({ cold, hot, scheduler, expectObservable, expectSubscriptions, flush }) => {
      const source = hot("a-------", { a: ["A"] });
      const [alice, failing] = [cold("-v-----v"), cold("#")];
      expectObservable(ask(source, { A: alice }), "^---!").toBe("-v---");
      expectObservable(ask(source, { A: failing }), "^----!").toBe("-");
      expectSubscriptions(alice.subscriptions).toBe("^---!");
      expectSubscriptions(source.subscriptions).toBe(["^---!", "^----!"]);
      flush();
      expect(scheduler.actions).toEqual([]);
    }),
  );

  it("A synchronous attempt stops in the middle when nobody wants more", () => {
    let made = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(made++);
    });
    let stopped = false;
    of(["A"])
      .pipe(
        retryWithPeerSwitch(() => endless.pipe(finalize(() => (stopped = true)))),
        take(3),
      )
      .subscribe();
    expect([made, stopped]).toEqual([3, true]);
  });

  it(
    "Each subscriber has counts of its own",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [alice, bob] = [cold("#"), cold("(b|)")];
      const result = ask(of(["A", "B"]), { A: alice, B: bob });
      expectObservable(result).toBe("7s (b|)");
      expectObservable(result, "500ms ^").toBe("7500ms (b|)");
      const times = ["(^!)", "500ms (^!)", "1s (^!)", "1500ms (^!)", "3s (^!)", "3500ms (^!)"];
      expectSubscriptions(alice.subscriptions).toBe(times);
      expectSubscriptions(bob.subscriptions).toBe(["7s (^!)", "7500ms (^!)"]);
    }),
  );

  it("A hundred thousand failures in a row with no wait do not grow the stack", () => {
    const scheduler = new VirtualTimeScheduler();
    let attempts = 0;
    const values: string[] = [];
    const attempt = (): Observable<string> => {
      if (++attempts > 100_000) return of("v");
      throw mine;
    };
    of(["A", "B"])
      .pipe(retryWithPeerSwitch(attempt, { maxRetries: 100_000, backoff: () => 0, scheduler }))
      .subscribe((value) => values.push(value));
    scheduler.flush();
    expect([attempts, values, scheduler.frame]).toEqual([100_001, ["v"], 0]);
  });

  it("A result may be refused by 20,000 peers in a row", () => {
    const scheduler = new VirtualTimeScheduler();
    const peers = Array.from({ length: 20_000 }, (_, peer) => peer);
    const values: number[] = [];
    const attempt = (peer: number): Observable<number> => (peer === 19_999 ? of(peer) : thrower());
    const stack = of(new Set(peers)).pipe(
      retryWithPeerSwitch(attempt, {
        classify: () => "switch",
        select: (candidates, { never }) => {
          const left = candidates as Set<number>;
          for (const peer of left)
            if (never.has(peer)) left.delete(peer);
            else return peer;
          return undefined;
        },
        scheduler,
      }),
    );
    stack.subscribe((value) => values.push(value));
    scheduler.flush();
    expect(values).toEqual([19_999]);
  });
});

describe("the steps of retryWithPeerSwitch", () => {
  it.each([
    ["an attempt that fails at once", "#"],
    ["an attempt that fails later", "-#"],
  ])("The steps after an attempt are teardown, report, decide: %s", (_, marble) => {
    marbles(({ cold, expectObservable, flush }) => {
      const log: string[] = [];
      const attempt = (peer: string): Observable<string> => {
        log.push(`ask ${peer}`);
        return cold(marble).pipe(finalize(() => log.push("teardown")));
      };
      const config: RetryWithPeerSwitchConfig<string> = {
        maxRetries: 1,
        classify: () => (log.push("classify"), "retry"),
        backoff: () => (log.push("backoff"), 1),
        select: ([first]) => (log.push("select"), first),
        onEvent: ({ type }) => log.push(type),
      };
      expectObservable(of(["A"]).pipe(retryWithPeerSwitch(attempt, config), explained())).toBe(
        marble === "#" ? "-(G|)" : "---(G|)",
        { G: "exhausted after 2: error" },
      );
      flush();
      const failure = ["attempt", "ask A", "teardown", "classify", "failed"];
      expect(log).toEqual(["select", ...failure, "backoff", "retry", "select", ...failure, "gave-up"]);
    })();
  });

  it(
    "The steps of a retry are told as events, with their times",
    marbles(({ cold, expectObservable, flush }) => {
      const events: RetryEvent<string>[] = [];
      const bad = Object.assign(new Error("Alice is down"), { code: "PEER_UNAVAILABLE" });
      const answers = { A: cold("-#", undefined, bad), B: cold("-v|") };
      const config: RetryWithPeerSwitchConfig<string> = { samePeerRetries: 1, onEvent: (event) => events.push(event) };
      expectObservable(ask(of(["A", "B"]), answers, config)).toBe("3003ms v|");
      flush();
      expect(events).toEqual([
        { at: 0, type: "attempt", peer: "A", attempt: 0 },
        { at: 1, type: "failed", peer: "A", error: bad, verdict: "retry" },
        { at: 1, type: "retry", retry: 1, maxRetries: 3, delayMs: 1000, peer: "A" },
        { at: 1001, type: "attempt", peer: "A", attempt: 1 },
        { at: 1002, type: "failed", peer: "A", error: bad, verdict: "retry" },
        { at: 1002, type: "retry", retry: 2, maxRetries: 3, delayMs: 2000, peer: "A" },
        { at: 3002, type: "switch", from: "A", to: "B", reason: "PEER_UNAVAILABLE" },
        { at: 3002, type: "attempt", peer: "B", attempt: 2 },
        { at: 3004, type: "success", peer: "B", attempts: 3 },
      ]);
    }),
  );

  it.each([
    [new Error("down"), "down"],
    ["gone", "gone"],
    [404, "404"],
    [{}, "failed"],
  ])("The reason of a switch after %j is told as %s", (error: unknown, reason) => {
    marbles(({ cold, expectObservable, flush }) => {
      const reasons: string[] = [];
      const config: RetryWithPeerSwitchConfig<string> = {
        classify: () => "switch",
        onEvent: (event) => event.type === "switch" && reasons.push(event.reason),
      };
      expectObservable(ask(of(["A", "B"]), { A: cold("#", undefined, error), B: cold("b|") }, config)).toBe("b|");
      flush();
      expect(reasons).toEqual([reason]);
    })();
  });

  it(
    "The events of a retry may be added to by an attempt, which can ask for backups",
    marbles(({ cold, expectObservable, flush }) => {
      const events: RetryEvent<string>[] = [];
      const backups: (string | undefined)[] = [];
      const attempt = (peer: string, context: AttemptContext<string>): Observable<string> => {
        if (peer === "A") return cold("#");
        backups.push(context.backup(), context.backup(), context.backup());
        context.emit({ type: "hedge", primary: peer, backup: "C", reason: "slow-first-byte", at: -1 });
        return cold("-v|");
      };
      const config: RetryWithPeerSwitchConfig<string> = {
        classify: () => "switch",
        onEvent: (event) => event.type === "hedge" && events.push(event),
      };
      expectObservable(of(["A", "B", "C", "D"]).pipe(retryWithPeerSwitch(attempt, config))).toBe("-v|");
      flush();
      expect(backups).toEqual(["C", "D", undefined]);
      expect(events).toEqual([{ type: "hedge", primary: "B", backup: "C", reason: "slow-first-byte", at: 0 }]);
    }),
  );
});

describe("a callback of retryWithPeerSwitch that throws", () => {
  afterEach(() => (rxjsConfig.onUnhandledError = null));

  it.each(["classify", "backoff", "select", "maxRetries"] as const)(
    "A callback of retryWithPeerSwitch that throws errors the result: %s",
    (name) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const alice = cold("-#");
        const config: RetryWithPeerSwitchConfig<string> = { [name]: thrower };
        expectObservable(ask(of(["A"]), { A: alice }, config)).toBe(name === "select" ? "#" : "-#", undefined, mine);
        expectSubscriptions(alice.subscriptions).toBe(name === "select" ? [] : "^!");
      })();
    },
  );

  it("Candidates that cannot be read error the result, also while nobody was there", () => {
    marbles(({ hot, expectObservable }) => {
      const broken = { [Symbol.iterator]: thrower } as Iterable<string>;
      expectObservable(ask(of(broken), {})).toBe("#", undefined, mine);
      expectObservable(ask(hot("a-b", { a: [], b: broken }), {})).toBe("--#", undefined, mine);
    })();
  });

  it("An onEvent that throws is reported as unhandled and changes nothing", async () => {
    const values: string[] = [];
    const unhandled = new Promise((resolve) => {
      const errors: unknown[] = [];
      rxjsConfig.onUnhandledError = (error: unknown) => errors.push(error) === 2 && resolve(errors);
    });
    of(["A"])
      .pipe(retryWithPeerSwitch(() => of("v"), { onEvent: thrower }))
      .subscribe((value) => values.push(value));
    expect(values).toEqual(["v"]);
    expect(await unhandled).toEqual([mine, mine]);
  });
});

describe("the config of retryWithPeerSwitch", () => {
  it.each([NaN, -1, 2 ** 31, Infinity])("A backoff of %d is a RangeError of the result", (delayMs) => {
    marbles(({ cold, expectObservable }) => {
      const errors: unknown[] = [];
      const result = of(["A"]).pipe(
        retryWithPeerSwitch(() => cold("#"), { backoff: () => delayMs }),
        tap({ error: (error: unknown) => errors.push(error) }),
        explained(),
      );
      const error = new RangeError(`a retry's delay is ${delayMs} ms; it must be from 0 to 2147483647 ms`);
      expectObservable(result).toBe("#", undefined, error);
    })();
  });

  it.each([NaN, -1, 2 ** 31, Infinity])("A notBeforeMs of %d is a RangeError of the result", (notBeforeMs) => {
    marbles(({ cold, expectObservable }) => {
      const error = new RangeError(`a retry's delay is ${notBeforeMs} ms; it must be from 0 to 2147483647 ms`);
      for (const verdict of ["retry", "switch", "continue"] as const) {
        const result = ask(of(["A"]), { A: cold("#") }, { classify: () => ({ verdict, notBeforeMs }) });
        expectObservable(result).toBe("#", undefined, error);
      }
    })();
  });

  it.each([NaN, -1, 1.5, Infinity, "3"])("A number of retries told as %s is a RangeError of the result", (told) => {
    marbles(({ cold, expectObservable }) => {
      const error = new RangeError(
        `maxRetries tells ${typeof told === "string" ? `"${told}"` : told}; it must be a whole number from 0`,
      );
      const result = ask(of(["A"]), { A: cold("#") }, { maxRetries: () => told as number });
      expectObservable(result).toBe("#", undefined, error);
    })();
  });

  it(
    "A function may tell another number of retries each time when one is due, and the events tell the one in force",
    marbles(({ cold, expectObservable, flush }) => {
      const numbers = [5, 2, 4, 2];
      const told: unknown[] = [];
      const alice = cold("#");
      const config: RetryWithPeerSwitchConfig<string> = {
        maxRetries: () => numbers.shift() ?? NaN,
        backoff: () => 10,
        onEvent: (event) => event.type === "retry" && told.push([event.retry, event.maxRetries]),
      };
      expectObservable(ask(of(["A"]), { A: alice }, config)).toBe("30ms (G|)", { G: "exhausted after 4: error" });
      flush();
      expect(told).toEqual([
        [1, 5],
        [2, 2],
        [3, 4],
      ]);
    }),
  );

  it(
    "When a function tells 0 retries none is made, and it is not asked for failures that use none",
    marbles(({ cold, expectObservable, flush }) => {
      let asked = 0;
      const maxRetries = (): number => (asked++, 0);
      const classify = (_: unknown, { attempt }: { readonly attempt: number }) => (attempt < 2 ? "continue" : "retry");
      const config = { maxRetries, classify, backoff: () => 0 };
      expectObservable(ask(of(["A"]), { A: cold("-#") }, config)).toBe("---(G|)", {
        G: "exhausted after 3: error",
      });
      flush();
      expect(asked).toBe(1);
    }),
  );

  it.each([
    [
      { maxRetries: -1 },
      RangeError,
      "maxRetries is -1; it must be a whole number from 0, or a function that tells one",
    ],
    [
      { maxRetries: Infinity },
      RangeError,
      "maxRetries is Infinity; it must be a whole number from 0, or a function that tells one",
    ],
    [{ samePeerRetries: () => 1 }, TypeError, "samePeerRetries is a function; it must be a whole number from 0"],
    [{ samePeerRetries: 1.5 }, RangeError, "samePeerRetries is 1.5; it must be a whole number from 0"],
    [{ attemptTimeoutMs: NaN }, RangeError, "attemptTimeoutMs is NaN; it must be from 0 to 2147483647 ms, or Infinity"],
    [{ deadlineMs: 2 ** 31 }, RangeError, "deadlineMs is 2147483648; it must be from 0 to 2147483647 ms, or Infinity"],
    [{ deadlineMs: "1s" }, TypeError, 'deadlineMs is "1s"; it must be from 0 to 2147483647 ms, or Infinity'],
    [{ backoff: 1000 }, RangeError, "backoff is 1000; it must be a function"],
    [{ onEvent: null }, TypeError, "onEvent is null; it must be a function"],
    [{ scheduler: 3 }, RangeError, "scheduler is 3; it must be a scheduler of RxJS, such as asyncScheduler"],
    [{ budget: {} }, TypeError, "budget is {}; it must be a budget, such as retryBudget()"],
  ])("The config %j is refused at the call", (config, kind, message) => {
    const call = (): unknown => retryWithPeerSwitch(() => of(1), config as RetryWithPeerSwitchConfig<string>);
    expect(call).toThrow(new kind(message));
  });

  it("An attempt that is no function is refused at the call", () => {
    expect(() => retryWithPeerSwitch(undefined as unknown as () => ObservableInput<number>)).toThrow(
      new TypeError("attempt is undefined; it must be a function"),
    );
  });

  it(
    "A choice of peers of one's own sees what is known",
    marbles(({ cold, expectObservable, flush }) => {
      const seen: unknown[] = [];
      const select: RetryWithPeerSwitchConfig<string>["select"] = (candidates, { last, stay }) => {
        seen.push([last, stay]);
        return [...candidates].at(-1);
      };
      expectObservable(ask(of(["A", "B"]), { A: cold("a|"), B: cold("#") }, { select, maxRetries: 1 })).toBe(
        "1s (G|)",
        { G: "exhausted after 2: error" },
      );
      flush();
      expect(seen).toEqual([
        [undefined, true],
        ["B", true],
      ]);
    }),
  );

  it(
    "The default waits take their chance from nobody, so that they are exact",
    marbles(({ cold, expectObservable }) => {
      expectObservable(ask(of(["A"]), { A: cold("#") }, { random: thrower, maxRetries: 1 }).pipe(map(() => "G"))).toBe(
        "1s (G|)",
      );
    }),
  );
});

describe("A mistake in the attempt function", () => {
  const failing = (attempt: () => Observable<string>) => {
    const seen: unknown[] = [];
    let calls = 0;
    const counted = (): Observable<string> => {
      calls += 1;
      return attempt();
    };
    of(["A"])
      .pipe(retryWithPeerSwitch(counted, { maxRetries: 1, backoff: () => 0, scheduler: new VirtualTimeScheduler() }))
      .subscribe({ error: (error: unknown) => seen.push(error) });
    return { seen, calls: () => calls };
  };

  it("A TypeError that the call throws ends the result as it is, and is not retried", () => {
    const mistake = new TypeError("peer.ask is not a function");
    const { seen, calls } = failing(() => {
      throw mistake;
    });
    expect(seen).toEqual([mistake]);
    expect(calls()).toBe(1);
  });

  it("An attempt that returns nothing to subscribe to ends the result with a TypeError", () => {
    const { seen } = failing(() => undefined as unknown as Observable<string>);
    expect(seen).toEqual([expect.any(TypeError)]);
  });

  it("A TypeError that comes through the observable is a failure like any other, as fetch tells a lost network", () => {
    const { seen } = failing(() => throwError(() => new TypeError("fetch failed")));
    expect(seen).toEqual([]);
  });
});

describe("The error of all attempts that failed", () => {
  it("Every attempt's peer and error stand in it, in their order, the last sixteen of them", () => {
    const scheduler = new VirtualTimeScheduler();
    let attempts = 0;
    let gaveUp: unknown;
    of(["A", "B"])
      .pipe(
        retryWithPeerSwitch((peer) => throwError(() => `${peer}${attempts++}`), {
          maxRetries: 19,
          samePeerRetries: 0,
          backoff: () => 0,
          scheduler,
        }),
      )
      .subscribe({ error: (error: unknown) => (gaveUp = error) });
    scheduler.flush();
    expect(gaveUp).toMatchObject({ attempts: 20, cause: "B19" });
    const { errors } = gaveUp as RetryGaveUpError;
    expect(errors.length).toBe(16);
    expect(errors.slice(0, 2)).toEqual([
      { peer: "A", error: "A4" },
      { peer: "B", error: "B5" },
    ]);
  });
});
