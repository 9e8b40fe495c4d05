import fc from "fast-check";
import {
  concat,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
  NEVER,
  Observable,
  of,
  take,
  tap,
  throwError,
  timer,
  VirtualTimeScheduler,
} from "rxjs";
import type { SchedulerLike } from "rxjs";
import { describe, expect, it } from "vitest";
import type { AttemptContext, AttemptFn } from "../../operators/attempt.js";
import { hedge } from "../../operators/hedge.js";
import type { HedgeConfig } from "../../operators/hedge.js";
import { retryBudget } from "../../operators/retryBudget.js";
import type { RetryEvent } from "../../operators/RetryEvent.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { RetryWithPeerSwitchConfig } from "../../operators/RetryWithPeerSwitchConfig.js";
import { explained } from "./explained.js";
import { marbles } from "./marbles.js";

type Legs = Readonly<Record<string, Observable<string>>>;

/** Asks these peers, in this order, hedged. */
function asked(
  legs: Legs,
  config: Partial<HedgeConfig> = {},
  retry: RetryWithPeerSwitchConfig<string> = {},
): Observable<string> {
  const attempt = (peer: string): Observable<string> => legs[peer] ?? EMPTY;
  return of(Object.keys(legs)).pipe(retryWithPeerSwitch(hedge({ after: 2000, ...config })(attempt), retry));
}

/** One attempt on A by itself, whose backups are named in this order; the same name may come twice. */
function alone(legs: Legs, backups: string[], config: Partial<HedgeConfig>, scheduler: SchedulerLike) {
  return defer(() => {
    const left = [...backups];
    const context: AttemptContext<string> = {
      attempt: 0,
      retry: 0,
      deadlineAt: Infinity,
      scheduler,
      signal: new AbortController().signal,
      backup: () => left.shift(),
      emit: () => undefined,
    };
    const attempt: AttemptFn<string, string> = (peer) => legs[peer] ?? EMPTY;
    return hedge({ after: 2000, ...config })(attempt)("A", context);
  });
}

describe("hedge", () => {
  it(
    "A hedge starts a second leg at 2 s, whose first value cancels the first leg",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("9s a|"), cold("---b--c|")];
      expectObservable(asked({ A: a, B: b })).toBe("2s ---b--c|");
      expectSubscriptions(a.subscriptions).toBe("^ 2002ms !");
      expectSubscriptions(b.subscriptions).toBe("2s ^------!");
    }),
  );

  it("A hedge leaves no timer behind when whoever allows a leg leaves", () => {
    const scheduler = new VirtualTimeScheduler(undefined, 60_000);
    const allow = (): boolean => {
      subscription.unsubscribe();
      return true;
    };
    const subscription = alone({ A: NEVER, B: NEVER }, ["B"], { allow, maxExtra: 2 }, scheduler).subscribe();
    scheduler.flush();
    expect(scheduler.now()).toBe(2000);
  });

  it(
    "The first leg cancels the hedged one when it begins after all",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const b = cold("3s b|");
      expectObservable(asked({ A: cold("3s a--|"), B: b })).toBe("3s a--|");
      expectSubscriptions(b.subscriptions).toBe("2s ^ 999ms !");
    }),
  );

  it(
    "After a first byte there is no hedge, however long the silence that follows",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const b = cold("b|");
      expectObservable(asked({ A: cold("-a 9s a|"), B: b })).toBe("-a 9s a|");
      expectSubscriptions(b.subscriptions).toBe([]);
    }),
  );

  it(
    "For a first byte at exactly the limit there is no hedge",
    marbles(({ cold, hot, scheduler, expectObservable, expectSubscriptions }) => {
      const b = cold("b|");
      expectObservable(asked({ A: cold("2s a|"), B: b })).toBe("2s a|");
      expectObservable(asked({ A: hot("2s a|"), B: b })).toBe("2s a|");
      expectObservable(asked({ A: timer(2000, scheduler).pipe(map(() => "a")), B: b })).toBe("2s (a|)");
      expectSubscriptions(b.subscriptions).toBe([]);
    }),
  );

  it(
    "When the first leg dies a hedge starts at once, and none at 2 s beside it",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [b, c] = [cold("3s b|"), cold("c|")];
      expectObservable(asked({ A: cold("--#"), B: b, C: c })).toBe("-- 3s b|");
      expectObservable(asked({ A: cold("-|"), B: b, C: c })).toBe("- 3s b|");
      expectSubscriptions(b.subscriptions).toBe(["-^ 2999ms -!", "--^ 2999ms -!"]);
      expectSubscriptions(c.subscriptions).toBe([]);
    }),
  );

  it(
    "A leg that dies after its values is replaced by a hedge",
    marbles(({ cold, expectObservable }) => {
      expectObservable(asked({ A: cold("-a-#"), B: cold("--b|") })).toBe("-a---b|");
    }),
  );

  it(
    "Two hedged legs that both die make one retry",
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const events: RetryEvent<string>[] = [];
      const [a, b] = [cold("--#"), cold("   --#")];
      const onEvent = (event: RetryEvent<string>): void => void events.push(event);
      expectObservable(asked({ A: a, B: b }, {}, { maxRetries: 1, onEvent }).pipe(explained())).toBe("1008ms (e|)", {
        e: "exhausted after 2: error",
      });
      expectSubscriptions(a.subscriptions).toBe(["^-!", "1004ms ^-!"]);
      expectSubscriptions(b.subscriptions).toBe(["--^-!", "1006ms ^-!"]);
      flush();
      const once = ["attempt", "hedge", "failed"];
      expect(events.map(({ type }) => type)).toEqual([...once, "retry", ...once, "gave-up"]);
    }),
  );

  it(
    "An attempt whose hedged legs all die gets the error that worst chooses",
    marbles(({ cold, scheduler, expectObservable }) => {
      const legs = { A: cold("--#", undefined, "a"), B: cold("--#", undefined, "b") };
      expectObservable(alone(legs, ["B"], { worst: (errors) => errors.join() }, scheduler)).toBe(
        "----#",
        undefined,
        "a,b",
      );
      expectObservable(alone(legs, ["B"], {}, scheduler)).toBe("----#", undefined, "b");
    }),
  );

  it(
    "A tie between hedged legs goes to the older",
    marbles(({ cold, expectObservable }) => {
      expectObservable(asked({ A: cold("3s a|"), B: cold("1s b|") })).toBe("3s a|");
    }),
  );

  it(
    "A peer is never hedged with itself",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const [only, again] = [cold("5s a|"), cold("5s a|")];
      expectObservable(asked({ A: only })).toBe("5s a|");
      expectSubscriptions(only.subscriptions).toBe("^ 5s !");
      expectObservable(alone({ A: again }, ["A"], {}, scheduler)).toBe("5s a|");
      expectSubscriptions(again.subscriptions).toBe("^ 5s !");
    }),
  );

  it(
    "Unsubscribing from a hedged attempt cancels both legs and the timer",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const [a, b, waiting] = [cold("9s a|"), cold("9s b|"), cold("9s w|")];
      expectObservable(asked({ A: a, B: b }), "^ 2999ms !").toBe("-");
      expectSubscriptions(a.subscriptions).toBe("^ 2999ms !");
      expectSubscriptions(b.subscriptions).toBe("2s ^ 999ms !");
      expectObservable(alone({ A: waiting }, ["B"], { after: 60_000 }, scheduler), "^-!").toBe("-");
      scheduler.flush();
      expect(scheduler.frame).toBeLessThan(60_000);
    }),
  );

  it(
    "The first leg runs on when the hedging budget is empty",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const budget = retryBudget({ capacity: 2, perSecond: 0, scheduler });
      budget.tryTake();
      const allow: HedgeConfig["allow"] = (reason) => budget.tryTake(1, reason === "slow-first-byte" ? 1 : 0);
      const [b, c] = [cold("b|"), cold("c|")];
      expectObservable(asked({ A: cold("5s a|"), B: b }, { allow })).toBe("5s a|");
      expectSubscriptions(b.subscriptions).toBe([]);
      // Not above half, but enough for what has died: the peer that was named at 2 s is still good.
      expectObservable(asked({ A: cold("6s #"), B: c }, { allow })).toBe("6s c|");
      expectSubscriptions(c.subscriptions).toBe("6s ^!");
    }),
  );

  it(
    "A hedge looks again every 250 ms for a peer, or a permission, that it did not have at 2 s",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions, flush }) => {
      const [b, c] = [cold("b|"), cold("c|")];
      const peers = cold<string[]>("a 2599ms b", { a: ["A"], b: ["A", "B"] });
      const attempt = (peer: string): Observable<string> => (peer === "A" ? cold("9s a|") : b);
      expectObservable(peers.pipe(retryWithPeerSwitch(hedge({ after: 2000 })(attempt)))).toBe("2750ms b|");
      expectSubscriptions(b.subscriptions).toBe("2750ms ^!");
      let asked = 0;
      const allow = (): boolean => ++asked > 2;
      expectObservable(alone({ A: cold("9s a|"), B: c }, ["B"], { allow }, scheduler)).toBe("2500ms c|");
      expectSubscriptions(c.subscriptions).toBe("2500ms ^!");
      flush();
      expect(asked).toBe(3);
    }),
  );

  it(
    "A hedge looks no longer once a value has come",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const b = cold("b|");
      const peers = cold<string[]>("a 4s b", { a: ["A"], b: ["A", "B"] });
      const attempt = (peer: string): Observable<string> => (peer === "A" ? cold("3s a 9s a|") : b);
      expectObservable(peers.pipe(retryWithPeerSwitch(hedge({ after: 2000 })(attempt)))).toBe("3s a 9s a|");
      expectSubscriptions(b.subscriptions).toBe([]);
    }),
  );

  it(
    "A leg's death is the attempt's when it may not be replaced by a hedge",
    marbles(({ cold, scheduler, expectObservable }) => {
      const legs = { A: cold("--#"), B: cold("b|") };
      expectObservable(alone(legs, ["B"], { allow: (reason) => reason !== "dead" }, scheduler)).toBe("--#");
      expectObservable(alone(legs, ["B"], { maxExtra: 0 }, scheduler)).toBe("--#");
      expectObservable(alone(legs, [], {}, scheduler)).toBe("--#");
    }),
  );

  it(
    "A hedge asks for no permission when there is nobody to ask, nor beyond maxExtra",
    marbles(({ cold, scheduler, expectObservable, flush }) => {
      const reasons: string[] = [];
      const allow: HedgeConfig["allow"] = (reason) => reasons.push(reason) > 0;
      expectObservable(alone({ A: cold("3s #") }, [], { allow }, scheduler)).toBe("3s #");
      expectObservable(alone({ A: cold("3s #"), B: cold("4s #") }, ["B", "C"], { allow }, scheduler)).toBe("6s #");
      flush();
      expect(reasons).toEqual(["slow-first-byte"]);
    }),
  );

  it(
    "All extra legs of an attempt are bounded by maxExtra, and each is waited for anew",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const [a, b, c, d] = [cold("1s #"), cold("3s #"), cold("9s c"), cold("d")];
      const legs = { A: a, B: b, C: c, D: d };
      // B replaces A at 1 s; it is slow at 3 s, where C begins; its death at 4 s needs a third extra leg.
      expectObservable(alone(legs, ["B", "C", "D"], { maxExtra: 2 }, scheduler), "^ 4999ms !").toBe("-");
      expectSubscriptions(b.subscriptions).toBe("1s ^ 2999ms !");
      expectSubscriptions(c.subscriptions).toBe("3s ^ 1999ms !");
      expectSubscriptions(d.subscriptions).toBe([]);
    }),
  );

  it(
    "Beside two legs a hedge runs no third, and asks nobody for one",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions, flush }) => {
      let allowed = 0;
      const allow = (): boolean => ++allowed > 0;
      const c = cold("c");
      const legs = { A: cold("9s a|"), B: cold("9s b|"), C: c };
      expectObservable(alone(legs, ["B", "C"], { maxExtra: 9, allow }, scheduler)).toBe("9s a|");
      expectSubscriptions(c.subscriptions).toBe([]);
      flush();
      expect(allowed).toBe(1);
    }),
  );

  it(
    "A function that tells the time of a hedge is asked when a leg starts",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const times = [5, 3];
      const [b, c] = [cold("-#"), cold("--c|")];
      const after = (): number => times.shift() ?? NaN;
      const legs = { A: cold("--#"), B: cold("-----b"), C: c };
      expectObservable(alone(legs, ["B", "C"], { after, maxExtra: 2 }, scheduler)).toBe("-------b", undefined);
      expectSubscriptions(b.subscriptions).toBe([]);
      expectSubscriptions(c.subscriptions).toBe("-----^-!");
    }),
  );

  it(
    "A hedge passes one, many, never and an error on",
    marbles(({ cold, scheduler, expectObservable }) => {
      const one = (leg: Observable<string>): Observable<string> => alone({ A: leg }, [], {}, scheduler);
      expectObservable(one(cold("--a|"))).toBe("--a|");
      expectObservable(one(cold("-a-(bc)-d|"))).toBe("-a-(bc)-d|");
      expectObservable(one(cold("-")), "^ 9s !").toBe("-"); // it looks for another peer for as long
      expectObservable(one(cold("-a-#", undefined, "mine"))).toBe("-a-#", undefined, "mine");
      expectObservable(one(cold("--|"))).toBe("--#", undefined, new Error("the leg completed without a value"));
    }),
  );

  it(
    "Each subscriber is hedged alone",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const b = cold("b|");
      const result = asked({ A: NEVER, B: b });
      expectObservable(result).toBe("2s b|");
      expectObservable(result, "1s ^").toBe("3s b|");
      expectSubscriptions(b.subscriptions).toBe(["2s ^!", "3s ^!"]);
    }),
  );

  it("A hedge stops synchronous legs that nobody wants any more", () => {
    let made = 0;
    const endless = new Observable<string>((subscriber) => {
      while (!subscriber.closed) subscriber.next(String(made++));
    });
    const seen: string[] = [];
    const scheduler = new VirtualTimeScheduler();
    for (const legs of [{ A: endless }, { A: throwError(() => "x"), B: endless }]) {
      alone(legs, ["B"], {}, scheduler)
        .pipe(take(2))
        .subscribe((value) => seen.push(value));
    }
    expect([seen, made, scheduler.actions.length]).toEqual([["0", "1", "2", "3"], 4, 0]);
  });
});

describe("a callback of hedge that throws", () => {
  it(
    "A callback of a hedge that throws errors the attempt and cancels its legs",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const mine = new Error("mine");
      const thrower = (): never => {
        throw mine;
      };
      const a = cold("9s a|");
      expectObservable(alone({ A: a }, ["B"], { allow: thrower }, scheduler)).toBe("2s #", undefined, mine);
      expectSubscriptions(a.subscriptions).toBe("^ 1999ms !");
      expectObservable(alone({ A: cold("9s a|") }, ["B"], { after: thrower }, scheduler)).toBe("#", undefined, mine);
      expectObservable(alone({ A: cold("--#") }, [], { worst: thrower }, scheduler)).toBe("--#", undefined, mine);
      expectObservable(alone({ A: cold("9s a|") }, ["B"], { after: () => NaN }, scheduler)).toBe(
        "#",
        undefined,
        new RangeError("after is NaN, expected a number from 0 to 2147483647"),
      );
    }),
  );
});

describe("hedge at the call", () => {
  it.each([
    [{ after: -1 }, "after is -1, expected a number from 0 to 2147483647"],
    [{ after: Infinity }, "after is Infinity, expected a number from 0 to 2147483647"],
    [{ after: 1, maxExtra: NaN }, "maxExtra is NaN, expected a number from 0 to Infinity"],
  ])("A hedge refuses %j at the call", (config, message) => {
    expect(() => hedge(config)).toThrow(new RangeError(message));
  });
});

describe("whatever happens, hedge", () => {
  const leg = fc.record({
    firstAfter: fc.constantFrom(0, 1, 3, 5, 8),
    values: fc.nat(2),
    endsAfter: fc.constantFrom(0, 1, 5),
    ends: fc.constantFrom("error", "complete", "hang"),
  });
  const script = fc.record({
    legs: fc.array(leg, { minLength: 1, maxLength: 6 }),
    maxExtra: fc.constantFrom(0, 1, 2, Infinity),
    after: fc.constantFrom(0, 3, 5),
    allowed: fc.array(fc.boolean(), { maxLength: 6 }),
  });

  it("Whatever happens, a hedge keeps within two living legs and maxExtra, pays for each extra leg, asks no peer twice, and ends every leg", () => {
    fc.assert(
      fc.property(script, ({ legs, maxExtra, after, allowed }) => {
        const scheduler = new VirtualTimeScheduler();
        const permits = [...allowed];
        const asks: number[] = [];
        let granted = 0;
        let open = 0;
        let most = 0;
        const attempt: AttemptFn<number, string> = (peer) => {
          asks.push(peer);
          const how = legs[peer];
          const end: Observable<never> = { error: throwError(() => peer), complete: EMPTY, hang: NEVER }[
            how?.ends ?? "error"
          ];
          const values = from(Array.from({ length: how?.values ?? 0 }, () => "v"));
          const wait = (ms = 0): Observable<never> => (ms === 0 ? EMPTY : timer(ms, scheduler).pipe(ignoreElements()));
          return new Observable((subscriber) => {
            most = Math.max(most, (open += 1));
            subscriber.add(() => (open -= 1));
            return concat(wait(how?.firstAfter), values, wait(how?.endsAfter), end).subscribe(subscriber);
          });
        };
        const allow = (): boolean => {
          const is = permits.shift() ?? true;
          if (is) granted += 1;
          return is;
        };
        let ended = false;
        const result = of(legs.map((_, peer) => peer)).pipe(
          retryWithPeerSwitch(hedge({ after, maxExtra, allow })(attempt), {
            maxRetries: 0,
            deadlineMs: 100,
            scheduler,
          }),
          tap({ finalize: () => (ended = true) }),
        );
        result.subscribe({ error: () => undefined });
        scheduler.flush();
        expect([ended, open, scheduler.actions.length]).toEqual([true, 0, 0]);
        expect(most).toBeLessThanOrEqual(2);
        expect(asks.length - 1).toBe(granted);
        expect(granted).toBeLessThanOrEqual(maxExtra);
        expect(new Set(asks).size).toBe(asks.length);
      }),
      { numRuns: 2000 },
    );
  });
});
