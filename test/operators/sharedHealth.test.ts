import type { Observable } from "rxjs";
import { concatMap, defer, ignoreElements, of, throwError, timer } from "rxjs";
import { describe, expect, it } from "vitest";
import { hedge } from "../../operators/hedge.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { Classified, RetryWithPeerSwitchConfig } from "../../operators/RetryWithPeerSwitchConfig.js";
import { sharedHealth } from "../../operators/sharedHealth.js";
import type { SharedHealthConfig } from "../../operators/sharedHealth.js";
import { explained } from "./explained.js";
import { marbles } from "./marbles.js";

type Peer = Observable<string>;

/** Calls that share what they learn, each of them with these peers, which are what they answer. */
function callsTo(peers: readonly Peer[], config: SharedHealthConfig = {}) {
  const health = sharedHealth(config);
  const call = (more: RetryWithPeerSwitchConfig<Peer> = {}): Observable<string> =>
    of(peers).pipe(
      retryWithPeerSwitch((peer) => peer, { health, ...more }),
      explained(),
    );
  const at = (ms: number, more?: RetryWithPeerSwitchConfig<Peer>): Observable<string> =>
    timer(ms).pipe(concatMap(() => call(more)));
  return { health, call, at };
}

const busy = (restMs: number) => (): Classified => ({ verdict: "continue", restMs });

describe("sharedHealth", () => {
  it(
    "A dead first peer costs the first call its waits, and the next one nothing",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [dead, well] = [cold("#"), cold("(b|)")];
      const { call, at } = callsTo([dead, well]);
      expectObservable(call()).toBe("7s (b|)");
      expectObservable(at(8000)).toBe("8s (b|)");
      expectSubscriptions(dead.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)"]);
    }),
  );

  it(
    "Failures of calls side by side blacklist a peer together",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [dead, well] = [cold("#"), cold("(b|)")];
      const { call } = callsTo([dead, well]);
      for (let i = 0; i < 3; i++) expectObservable(call()).toBe("1s (b|)");
      expectSubscriptions(dead.subscriptions).toBe(["(^!)", "(^!)", "(^!)"]);
    }),
  );

  it(
    "After its blacklisting one call probes a peer, and the others do not wait for it",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [first, well] = [cold("50ms #"), cold("(b|)")];
      const { call, at } = callsTo([first, well], { failureThreshold: 1, firstBlacklistMs: 10_000 });
      const hung = { attemptTimeoutMs: 20 };
      expectObservable(call(hung)).toBe("1020ms (b|)");
      expectObservable(at(11_000, { maxRetries: 0 })).toBe("11050ms (G|)", { G: "exhausted after 1: error" });
      expectObservable(at(11_010)).toBe("11010ms (b|)");
      expectObservable(at(12_000)).toBe("12s (b|)");
      expectSubscriptions(first.subscriptions).toBe(["^ 19ms !", "11s ^ 49ms !"]);
    }),
  );

  it(
    "A probe that succeeds ends the blacklisting for all",
    marbles(({ hot, cold, expectObservable, scheduler }) => {
      const isBack = hot("5s a");
      let works = false;
      isBack.subscribe(() => (works = true));
      const first = defer(() => (works ? of("a") : throwError(() => new Error("down"))));
      const { call, at, health } = callsTo([first, cold("(b|)")]);
      expectObservable(call({ backoff: () => 0 })).toBe("(b|)");
      expectObservable(at(29_000)).toBe("29s (b|)");
      expectObservable(at(30_000)).toBe("30s (a|)");
      expectObservable(at(30_001)).toBe("30001ms (a|)");
      scheduler.schedule(() => expect(health.states[0]).toMatchObject({ state: "blacklisted", leftMs: 500 }), 29_500);
      scheduler.schedule(() => expect(health.states.at(-1)).toMatchObject({ state: "healthy", failures: 0 }), 30_002);
    }),
  );

  it(
    "A probe that fails blacklists its peer at once, and for twice as long",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [dead, well] = [cold("#"), cold("(b|)")];
      const { call, at } = callsTo([dead, well]);
      expectObservable(call()).toBe("7s (b|)");
      expectObservable(at(33_000)).toBe("34s (b|)");
      expectObservable(at(92_999)).toBe("92999ms (b|)");
      expectObservable(at(93_000)).toBe("94s (b|)");
      const probes = ["33s (^!)", "93s (^!)"];
      expectSubscriptions(dead.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)", ...probes]);
    }),
  );

  it(
    "A probe whose call is left is nobody's failure, and the next call is the probe",
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const [first, well] = [cold("100ms #"), cold("(b|)")];
      const { call, at, health } = callsTo([first, well], { failureThreshold: 1, firstBlacklistMs: 5000 });
      expectObservable(call()).toBe("1100ms (b|)");
      expectObservable(at(6000), "^ 6049ms !").toBe("-");
      expectObservable(at(6060)).toBe("7160ms (b|)");
      scheduler.schedule(() => expect(health.states[0]).toMatchObject({ state: "half-open", leftMs: 0 }), 5100);
      expectSubscriptions(first.subscriptions).toBe(["^ 99ms !", "6s ^ 49ms !", "6060ms ^ 99ms !"]);
    }),
  );

  it(
    "When all peers are blacklisted they are asked as if none was",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [first, second] = [cold("#"), cold("#")];
      const { call, at } = callsTo([first, second], { failureThreshold: 1 });
      const once = { maxRetries: 1 };
      expectObservable(call(once)).toBe("1s (G|)", { G: "exhausted after 2: error" });
      expectObservable(at(2000, once)).toBe("3s (G|)", { G: "exhausted after 2: error" });
      expectSubscriptions(first.subscriptions).toBe(["(^!)", "2s (^!)"]);
      expectSubscriptions(second.subscriptions).toBe(["1s (^!)", "3s (^!)"]);
    }),
  );

  it(
    "A peer that was blacklisted and answers for want of others is healthy again",
    marbles(({ cold, expectObservable, scheduler }) => {
      const { call, at, health } = callsTo([cold("10ms (a|)")], { failureThreshold: 1 });
      expectObservable(call({ maxRetries: 0, attemptTimeoutMs: 5 })).toBe("5ms (G|)", {
        G: "exhausted after 1: no end after 5 ms",
      });
      expectObservable(at(100)).toBe("110ms (a|)");
      scheduler.schedule(() => expect(health.states[0]).toMatchObject({ state: "healthy", latencyMs: 10 }), 111);
    }),
  );

  it.each(["continue", "fail"] as const)("The verdict %s is no failure of the peer", (verdict) => {
    marbles(({ cold, expectObservable, scheduler }) => {
      const { call, health } = callsTo([cold("#"), cold("(b|)")], { failureThreshold: 1 });
      expectObservable(call({ classify: () => verdict }).pipe(ignoreElements())).toBe("|");
      scheduler.schedule(() => expect(health.states[0]).toMatchObject({ state: "healthy", failures: 0 }), 1);
    })();
  });

  it(
    "A peer that breaks after its first value has failed once, however often it failed before",
    marbles(({ cold, expectObservable, scheduler }) => {
      const { call, health } = callsTo([cold("a #"), cold("(b|)")], { failureThreshold: 2 });
      expectObservable(call({ samePeerRetries: 1, backoff: () => 10 })).toBe("a 10ms a 10ms (b|)");
      scheduler.schedule(() => expect(health.states[0]).toMatchObject({ state: "healthy", failures: 1 }), 1000);
    }),
  );

  it(
    "A peer that was blacklisted by other calls is left before its retries are used",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [dead, well] = [cold("#"), cold("(b|)")];
      const { call } = callsTo([dead, well], { failureThreshold: 2 });
      expectObservable(call({ samePeerRetries: 9, maxRetries: 9 })).toBe("3s (b|)");
      expectSubscriptions(dead.subscriptions).toBe(["(^!)", "1s (^!)"]);
    }),
  );

  it(
    "A peer that is never heard behind its hedges is not taken for one that answers",
    marbles(({ cold, expectObservable, scheduler }) => {
      const health = sharedHealth({ failureThreshold: 1 });
      const peers = [cold("#"), cold("10ms (b|)")];
      const hedged = retryWithPeerSwitch(
        hedge({ after: 5 })((peer: Peer) => peer),
        { health },
      );
      expectObservable(of(peers).pipe(hedged)).toBe("10ms (b|)");
      scheduler.schedule(() => expect(health.states[0]).toMatchObject({ latencyMs: undefined, inFlight: 0 }), 11);
    }),
  );
});

describe("rests", () => {
  it(
    "A key that asks for time rests, and the call goes on with another at once",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [limited, free] = [cold("#"), cold("(b|)")];
      const call = of([limited, free]).pipe(retryWithPeerSwitch((key) => key, { classify: busy(3000) }));
      expectObservable(call).toBe("(b|)");
      expectSubscriptions(limited.subscriptions).toBe("(^!)");
    }),
  );

  it(
    "Calls that share their health leave a key alone until its rest is over",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [limited, free] = [cold("#"), cold("(b|)")];
      const { call, at } = callsTo([limited, free]);
      const classify = busy(3000);
      expectObservable(call({ classify })).toBe("(b|)");
      expectObservable(at(2999, { classify })).toBe("2999ms (b|)");
      expectObservable(at(3000, { classify })).toBe("3s (b|)");
      expectSubscriptions(limited.subscriptions).toBe(["(^!)", "3s (^!)"]);
    }),
  );

  it(
    "When all keys rest the call waits for the first of them, which uses no retry",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("#", {}, 5000), cold("#", {}, 3000)];
      const classify = (ms: unknown): Classified => ({ verdict: "continue", restMs: Number(ms) });
      const call = of([a, b]).pipe(retryWithPeerSwitch((key) => key, { classify, maxRetries: 0, deadlineMs: 7000 }));
      expectObservable(call.pipe(explained())).toBe("6s (G|)", { G: "deadline after 5: 3000" });
      expectSubscriptions(a.subscriptions).toBe(["(^!)", "5s (^!)"]);
      expectSubscriptions(b.subscriptions).toBe(["(^!)", "3s (^!)", "6s (^!)"]);
    }),
  );

  it(
    "A rest that ends after the deadline ends the call at once",
    marbles(({ cold, expectObservable }) => {
      const call = of([cold("#")]).pipe(retryWithPeerSwitch((key) => key, { classify: busy(3_600_000) }));
      expectObservable(call.pipe(explained())).toBe("(G|)", { G: "deadline after 1: error" });
    }),
  );

  it(
    "A call that finds all at rest until after its deadline says so",
    marbles(({ cold, expectObservable }) => {
      const { call, at } = callsTo([cold("#")]);
      const classify = busy(3_600_000);
      expectObservable(call({ classify })).toBe("(G|)", { G: "deadline after 1: error" });
      const G = "deadline after 0: all peers rest, the first of them for 3599000 ms more";
      expectObservable(at(1000, { classify })).toBe("1s (G|)", { G });
    }),
  );

  it(
    "While all rest, a peer that joins is asked at once",
    marbles(({ hot, cold, expectObservable }) => {
      const [limited, late] = [cold("#"), cold("(b|)")];
      const lists = hot("a 99ms b", { a: [limited], b: [limited, late] });
      const call = lists.pipe(retryWithPeerSwitch((key) => key, { classify: busy(3_600_000) }));
      expectObservable(call).toBe("100ms (b|)");
    }),
  );

  it(
    "Unsubscribing while all rest stops the timer",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = cold("#");
      const call = of([limited]).pipe(retryWithPeerSwitch((key) => key, { classify: busy(1000) }));
      expectObservable(call, "500ms !").toBe("-");
      expectSubscriptions(limited.subscriptions).toBe("(^!)");
    }),
  );

  it(
    "A rest with the verdict retry uses a retry and its wait, and goes on with another peer",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [limited, free] = [cold("#"), cold("(b|)")];
      const classify = (): Classified => ({ verdict: "retry", restMs: 60_000 });
      expectObservable(of([limited, free]).pipe(retryWithPeerSwitch((key) => key, { classify }))).toBe("1s (b|)");
      expectSubscriptions(limited.subscriptions).toBe("(^!)");
    }),
  );

  it("A restMs that no timer can keep is a RangeError of the result", () => {
    marbles(({ cold, expectObservable }) => {
      const call = of([cold("#")]).pipe(retryWithPeerSwitch((key) => key, { classify: busy(NaN) }));
      const error = new RangeError("a retry's delay is NaN ms; it must be from 0 to 2147483647 ms");
      expectObservable(call).toBe("#", undefined, error);
    })();
  });
});

describe("ranking", () => {
  it(
    "The ranking balanced asks each peer once, then the one that answers soonest",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [slow, quick] = [cold("500ms (a|)"), cold("20ms (b|)")];
      const { at } = callsTo([slow, quick], { ranking: "balanced" });
      expectObservable(at(0)).toBe("500ms (a|)");
      expectObservable(at(1000)).toBe("1020ms (b|)");
      expectObservable(at(2000)).toBe("2020ms (b|)");
      expectSubscriptions(slow.subscriptions).toBe("^ 499ms !");
    }),
  );

  it(
    "The ranking balanced spreads calls side by side by how long peers take",
    marbles(({ cold, expectObservable, flush }) => {
      const [slow, quick] = [cold("300ms (a|)"), cold("100ms (b|)")];
      const { at } = callsTo([slow, quick], { ranking: "balanced" });
      for (const ms of [0, 1, ...Array.from({ length: 8 }, () => 400)]) expectObservable(at(ms).pipe(ignoreElements()));
      flush();
      expect([slow.subscriptions.length, quick.subscriptions.length]).toEqual([3, 7]);
    }),
  );

  it(
    "The ranking balanced forgets a slow answer, and tries its peer again",
    marbles(({ cold, expectObservable, flush }) => {
      const [slow, quick] = [cold("800ms (a|)"), cold("100ms (b|)")];
      const { at } = callsTo([slow, quick], { ranking: "balanced" });
      for (let s = 0; s <= 120; s += 5) expectObservable(at(s * 1000).pipe(ignoreElements()));
      flush();
      expect(slow.subscriptions.length).toBeGreaterThan(1);
      expect(slow.subscriptions.length).toBeLessThan(4);
    }),
  );
});

describe("the config of sharedHealth", () => {
  it.each([
    [{ failureThreshold: 0 }, RangeError, "failureThreshold is 0; it must be a number from 1 to 9007199254740991"],
    [{ blacklistMs: -1 }, RangeError, "blacklistMs is -1; it must be a number from 0 to 2147483647"],
    [{ ranking: "fastest" }, TypeError, 'ranking is "fastest"; it must be "listed" or "balanced"'],
    [{ blacklistSecs: 5 }, TypeError, 'unknown option "blacklistSecs" of sharedHealth, did you mean "blacklistMs"?'],
  ])("The config %j is refused", (config, kind, message) => {
    const make = (): unknown => sharedHealth(config as SharedHealthConfig);
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });

  it("A health that is none is refused by the operator", () => {
    const config = { health: new Map() } as unknown as RetryWithPeerSwitchConfig<string>;
    const message = "health is an object of Map; it must be a health, such as sharedHealth()";
    expect(() => retryWithPeerSwitch(() => of(1), config)).toThrow(message);
  });

  it("Of very many peers the one that was asked longest ago is forgotten", () => {
    const health = sharedHealth();
    for (let i = 0; i <= 10_000; i++) health.asked(i).over();
    expect(health.states).toHaveLength(10_000);
    expect(health.states[0]?.peer).toBe(1);
  });
});
