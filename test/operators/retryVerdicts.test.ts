import { concat, defer, delay, EMPTY, NEVER, of, tap, throwError, timer } from "rxjs";
import type { Observable, ObservableInput } from "rxjs";
import { describe, expect, it } from "vitest";
import { askPeers } from "../../operators/askPeers.js";
import { retryBudget } from "../../operators/retryBudget.js";
import type { RetryBudget } from "../../operators/retryBudget.js";
import type { RetryEvent, RetryVerdict } from "../../operators/RetryEvent.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { Classified, RetryWithPeerSwitchConfig } from "../../operators/RetryWithPeerSwitchConfig.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";
import { explained } from "./explained.js";
import { marbles } from "./marbles.js";

type Peer = Observable<string>;

const ask = (peers: readonly Peer[], config?: RetryWithPeerSwitchConfig<Peer>): Observable<string> =>
  of(peers).pipe(
    retryWithPeerSwitch((peer): ObservableInput<string> => peer, config),
    explained(),
  );

/** Errors are verdicts here: "retry", "switch", "fail" or "continue". */
const literally = { classify: (error: unknown): RetryVerdict => error as RetryVerdict };

/** How many attempts two peers see in so many virtual milliseconds. */
function attemptsIn(
  ms: number,
  attempt: () => Observable<string>,
  config: RetryWithPeerSwitchConfig<unknown>,
  peers: readonly unknown[] = ["a", "b"],
): number {
  const scheduler = new VirtualClock();
  let attempts = 0;
  const counted = (): Observable<string> => defer(() => (attempts++, attempt()));
  const running = askPeers(peers, counted, { ...config, scheduler }).subscribe({
    error: () => undefined,
  });
  scheduler.run(ms);
  running.unsubscribe();
  return attempts;
}

describe("the verdict switch", () => {
  it(
    "The verdict switch goes on at once with another peer and uses no retry",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c] = [cold("-#", undefined, "switch"), cold("-#", undefined, "switch"), cold("-v|")];
      expectObservable(ask([a, b, c], { ...literally, maxRetries: 0 })).toBe("---v|");
      expectSubscriptions(a.subscriptions).toBe("^!");
      expectSubscriptions(b.subscriptions).toBe("-^!");
      expectSubscriptions(c.subscriptions).toBe("--^-!");
    }),
  );

  it(
    "After the verdict switch that peer is never asked again, not even as the last one",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("#", undefined, "switch"), cold("#", undefined, "retry")];
      expectObservable(ask([a, b], { ...literally, maxRetries: 4 })).toBe("15s (G|)", {
        G: "exhausted after 6: retry",
      });
      expectSubscriptions(a.subscriptions).toBe("(^!)");
      expectSubscriptions(b.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)", "7s (^!)", "15s (^!)"]);
    }),
  );

  it(
    "After a switch the next peer has its own retries, and the waits go on where they were",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = concat(NEVER);
      const first = cold("#", undefined, "retry");
      const second = cold("#", undefined, "switch");
      let asked = 0;
      const b = cold("#", undefined, "retry");
      const config = { ...literally, samePeerRetries: 1, maxRetries: 3 };
      const result = of([1, 2, 3]).pipe(
        retryWithPeerSwitch(
          (peer): Peer => (peer === 1 ? (asked++ === 0 ? first : second) : peer === 2 ? b : a),
          config,
        ),
        explained(),
      );
      expectObservable(result, "^ 8s !").toBe("-");
      expectSubscriptions(first.subscriptions).toBe("(^!)");
      expectSubscriptions(second.subscriptions).toBe("1s (^!)");
      expectSubscriptions(b.subscriptions).toBe(["1s (^!)", "3s (^!)"]);
    }),
  );

  it(
    "The verdict switch may ask for a wait",
    marbles(({ cold, expectObservable }) => {
      const classify = (): Classified => ({ verdict: "switch", notBeforeMs: 40 });
      expectObservable(ask([cold("#"), cold("v|")], { classify })).toBe("40ms v|");
    }),
  );
});

describe("the verdict fail", () => {
  it(
    "The verdict fail gives up at once",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-#", undefined, "fail"), cold("v|")];
      expectObservable(ask([a, b], literally)).toBe("-(G|)", { G: "permanent after 1: fail" });
      expectSubscriptions(b.subscriptions).toBe([]);
    }),
  );
});

describe("the verdict continue", () => {
  it(
    "The verdict continue goes on at once with each peer that was not asked, and uses no retry",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-#", undefined, "continue"), cold("-#", undefined, "continue")];
      const c = cold("-v|");
      expectObservable(ask([a, b, c], { ...literally, maxRetries: 0 })).toBe("---v|");
      expectSubscriptions(a.subscriptions).toBe("^!");
      expectSubscriptions(b.subscriptions).toBe("-^!");
      expectSubscriptions(c.subscriptions).toBe("--^-!");
    }),
  );

  it(
    "When everybody was asked in turn, the verdict continue waits the backoff of that many in a row",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-#", undefined, "continue"), cold("-#", undefined, "continue")];
      expectObservable(ask([a, b], { ...literally, maxRetries: 0 }), "^ 7s !").toBe("-");
      expectSubscriptions(a.subscriptions).toBe(["^!", "1002ms ^!"]);
      expectSubscriptions(b.subscriptions).toBe(["-^!", "3003ms ^!"]);
    }),
  );

  it(
    "The verdict continue asks an only peer no more often than retries would, for as long as the deadline lasts",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("-#", undefined, "continue");
      expectObservable(ask([a], { ...literally, deadlineMs: 20_000 })).toBe("15005ms (G|)", {
        G: "deadline after 5: continue",
      });
      expectSubscriptions(a.subscriptions).toBe(["^!", "1001ms ^!", "3002ms ^!", "7003ms ^!", "15004ms ^!"]);
    }),
  );

  it(
    "The verdict continue goes on at once with a peer that brought a value, and begins to count anew",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const silent = cold("-#", undefined, "continue");
      const broken = cold("v#", undefined, "continue");
      const answers = [silent, broken, silent, silent];
      const result = of(["A"]).pipe(retryWithPeerSwitch((): Peer => answers.shift() ?? NEVER, literally));
      expectObservable(result, "^ 4s !").toBe("1001ms v");
      expectSubscriptions(silent.subscriptions).toBe(["^!", "1002ms ^!", "2003ms ^!"]);
    }),
  );

  it(
    "The verdict continue goes on at once with a peer that was waited for",
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const a = cold("--#", undefined, "continue");
      const source = hot("a-ba-----b", { a: [], b: [a] });
      const result = source.pipe(retryWithPeerSwitch((peer: Peer) => peer, literally));
      expectObservable(result, "^----------!").toBe("-");
      expectSubscriptions(a.subscriptions).toBe(["--^-!", "---------^-!"]);
    }),
  );

  it(
    "The verdict continue waits for as long as it is told",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("--#");
      const classify = (): Classified => ({ verdict: "continue", notBeforeMs: 1000 });
      expectObservable(ask([a], { classify }), "^ 2s !").toBe("-");
      expectSubscriptions(a.subscriptions).toBe(["^-!", "1002ms ^-!"]);
    }),
  );

  it.each<[string, Classified, RetryWithPeerSwitchConfig<unknown>]>([
    ["a backoff of nothing", { verdict: "continue" }, { backoff: () => 0 }],
    ["a wait of a millisecond", { verdict: "continue", notBeforeMs: 1 }, {}],
    ["a rest of a millisecond", { verdict: "continue", restMs: 1 }, {}],
    ["progress each time", { verdict: "continue", progressed: true, notBeforeMs: 1 }, {}],
  ])(
    "The verdict continue asks peers that are not new ten times at once and ten times a second, also with %s",
    (...given) => {
      const [, told, config] = given;
      expect(attemptsIn(60_000, () => EMPTY, { ...config, classify: () => told, deadlineMs: Infinity })).toBeLessThan(
        640,
      );
    },
  );

  it("The verdict continue asks no more often where each attempt brings a value before it breaks", () => {
    const breaks = () =>
      concat(
        of("v"),
        throwError(() => "broken"),
      );
    const count = attemptsIn(60_000, breaks, { classify: () => "continue", deadlineMs: Infinity });
    expect(count).toBeGreaterThan(600);
    expect(count).toBeLessThan(640);
  });

  it("The verdict continue asks a thousand new peers at once", () => {
    const peers = Array.from({ length: 1000 }, (_, peer) => peer);
    expect(attemptsIn(1, () => EMPTY, { classify: () => "continue" }, peers)).toBe(1000);
  });

  it(
    "The verdict continue starts the deadline again when the attempt got further, and only then",
    marbles(({ cold, expectObservable }) => {
      const a = cold("60ms #");
      const further = (): Classified => ({ verdict: "continue", progressed: true });
      const noFurther = (): Classified => ({ verdict: "continue" });
      const G = "deadline after 2: no end after 40 ms";
      const patience = { deadlineMs: 100, backoff: () => 0 };
      expectObservable(ask([a], { classify: noFurther, ...patience })).toBe("100ms (G|)", { G });
      expectObservable(ask([a], { classify: further, ...patience }), "^ 999ms !").toBe("-");
    }),
  );
});

describe("a verdict that is none", () => {
  it.each([
    [false, "false"],
    [undefined, "undefined"],
    [null, "null"],
    [NaN, "NaN"],
    ["permanent", '"permanent"'],
    ["", '""'],
    [{ verdict: "Fail" }, 'an object whose verdict is "Fail"'],
    [Promise.resolve("retry"), "an object whose verdict is undefined"],
  ])("A verdict that is none is a TypeError that says what it was and what there is: %j", (told, what) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("-#");
      const message =
        `classify returned ${what}; it must return "retry", "switch", "fail" or "continue", ` +
        "or an object with one of them as its verdict";
      expectObservable(ask([a], { classify: () => told as RetryVerdict })).toBe(
        "-#",
        undefined,
        new TypeError(message),
      );
      expectSubscriptions(a.subscriptions).toBe("^!");
    })();
  });

  it("A verdict with a member that nobody knows is a TypeError with the nearest name", () => {
    marbles(({ cold, expectObservable }) => {
      const classify = (): Classified => ({ verdict: "continue", ...{ restsMs: 3000 } });
      const text =
        'unknown option "restsMs" of a verdict, did you mean "restMs"? known are verdict, notBeforeMs, restMs, progressed';
      expectObservable(ask([cold("#")], { classify })).toBe("#", undefined, new TypeError(text));
    })();
  });

  it.each([null, "1000", true])("A verdict with a wait that is no number is a RangeError: %j", (notBeforeMs) => {
    marbles(({ cold, expectObservable }) => {
      const error = new RangeError(`a retry's delay is ${String(notBeforeMs)} ms; it must be from 0 to 2147483647 ms`);
      for (const verdict of ["retry", "switch", "continue"] as const) {
        const classify = (): Classified => ({ verdict, notBeforeMs: notBeforeMs as unknown as number });
        expectObservable(ask([cold("#")], { classify })).toBe("#", undefined, error);
      }
    })();
  });
});

describe("the verdict retry", () => {
  it(
    "The verdict retry waits for the longer of backoff and notBeforeMs",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("#");
      const classify = (): Classified => ({ verdict: "retry", notBeforeMs: 1500 });
      expectObservable(ask([a], { classify, maxRetries: 2 })).toBe("3500ms (G|)", { G: "exhausted after 3: error" });
      expectSubscriptions(a.subscriptions).toBe(["(^!)", "1500ms (^!)", "3500ms (^!)"]);
    }),
  );

  it(
    "The verdict retry gives up at once when notBeforeMs is not before the deadline",
    marbles(({ cold, expectObservable }) => {
      const classify = (): Classified => ({ verdict: "retry", notBeforeMs: 300_000 });
      expectObservable(ask([cold("--#")], { classify })).toBe("--(G|)", { G: "deadline after 1: error" });
    }),
  );

  it(
    "The verdict retry starts the deadline again when the attempt got further",
    marbles(({ cold, expectObservable }) => {
      const classify = (): Classified => ({ verdict: "retry", progressed: true });
      const config = { classify, deadlineMs: 100, maxRetries: 5, backoff: () => 30 };
      expectObservable(ask([cold("60ms #")], config)).toBe("510ms (G|)", { G: "exhausted after 6: error" });
    }),
  );
});

describe("the budget", () => {
  it(
    "A token of the budget is spent when a retry is due, not for first attempts and switches",
    marbles(({ cold, expectObservable }) => {
      const budget = retryBudget({ capacity: 5, perSecond: 0, perSuccess: 0 });
      const [refusing, failing] = [cold("#", undefined, "switch"), cold("#", undefined, "retry")];
      expectObservable(ask([refusing, failing], { ...literally, budget })).toBe("7s (G|)", {
        G: "exhausted after 5: retry",
      });
      const left = [0, 999, 1000, 2999, 3000, 7000].map((ms) => [ms, 0]);
      for (const point of left)
        timer(point[0] ?? 0)
          .pipe(delay(0))
          .subscribe(() => (point[1] = budget.tokens));
      expectObservable(
        timer(8000).pipe(
          tap(() =>
            expect(left).toEqual([
              [0, 5],
              [999, 5],
              [1000, 4],
              [2999, 4],
              [3000, 3],
              [7000, 2],
            ]),
          ),
        ),
      ).toBe("8s (0|)", [0]);
    }),
  );

  it(
    "An empty budget is waited for, in turn, and an event says so",
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const budget = retryBudget({ capacity: 1, perSecond: 0.1 });
      const events: string[] = [];
      const config: RetryWithPeerSwitchConfig<Peer> = {
        budget,
        maxRetries: 1,
        onEvent: ({ type, at }) => events.push(`${at} ${type}`),
      };
      const [a, b] = [cold("#"), cold("#")];
      expectObservable(ask([a], { budget, maxRetries: 1 })).toBe("1s (G|)", { G: "exhausted after 2: error" });
      expectObservable(ask([b], config)).toBe("11s (G|)", { G: "exhausted after 2: error" });
      expectSubscriptions(b.subscriptions).toBe(["(^!)", "11s (^!)"]);
      flush();
      expect(events).toEqual([
        "0 attempt",
        "0 failed",
        "0 retry",
        "1000 budget-wait",
        "11000 attempt",
        "11000 failed",
        "11000 gave-up",
      ]);
    }),
  );

  it(
    "A budget that is spent ends all attempts at once, and tells no retry that it could not pay",
    marbles(({ cold, expectObservable, flush }) => {
      const told: string[] = [];
      const spent: RetryBudget = { ...retryBudget(), isSpent: true, tokens: 0 };
      const onEvent = ({ type }: RetryEvent<Peer>): unknown => told.push(type);
      expectObservable(ask([cold("-#")], { budget: spent, onEvent })).toBe("-(G|)", { G: "budget after 1: error" });
      flush();
      expect(told).toEqual(["attempt", "failed", "gave-up"]);
    }),
  );

  it(
    "The place in the budget is given up when the result is unsubscribed",
    marbles(({ cold, expectObservable }) => {
      const budget = retryBudget({ capacity: 1, perSecond: 0.1 });
      budget.tryTake();
      expectObservable(ask([cold("#")], { budget }), "^ 5s !").toBe("-");
      expectObservable(ask([cold("#")], { budget, maxRetries: 1 })).toBe("10s (G|)", { G: "exhausted after 2: error" });
    }),
  );

  it(
    "The budget is waited for until the deadline",
    marbles(({ cold, expectObservable }) => {
      const budget = retryBudget({ capacity: 1, perSecond: 0, perSuccess: 0 });
      budget.tryTake();
      expectObservable(ask([cold("#")], { budget })).toBe("300s (G|)", { G: "deadline after 1: error" });
    }),
  );

  it(
    "The budget earns with each success",
    marbles(({ cold, expectObservable, flush }) => {
      const budget = retryBudget({ capacity: 2, perSecond: 0, perSuccess: 0.25 });
      budget.tryTake(2);
      expectObservable(ask([cold("-v|")], { budget })).toBe("-v|");
      flush();
      expect(budget.tokens).toBe(0.25);
    }),
  );

  it.each([
    ["errors", throwError(() => new Error("no more"))],
    ["ends without a token", EMPTY],
  ])("All attempts end when the budget's take %s", (_, taken) => {
    marbles(({ cold, expectObservable }) => {
      const budget: RetryBudget = { tokens: 1, succeeded: () => undefined, tryTake: () => false, take: () => taken };
      expectObservable(ask([cold("#")], { budget })).toBe("1s (G|)", { G: "budget after 1: error" });
    })();
  });
});
