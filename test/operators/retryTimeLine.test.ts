import { concatMap, map, of, timer } from "rxjs";
import type { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { AttemptTimeoutError } from "../../operators/AttemptTimeoutError.js";
import { RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { RetryWithPeerSwitchConfig } from "../../operators/RetryWithPeerSwitchConfig.js";
import { explained } from "./explained.js";
import { marbles } from "./marbles.js";

type Peer = Observable<string>;

/** A download from peers that are known from the start, each of which is what it answers. */
const ask = (peers: readonly Peer[], config?: RetryWithPeerSwitchConfig<Peer>): Observable<string> =>
  of(peers).pipe(
    retryWithPeerSwitch((peer) => peer, config),
    explained(),
  );

describe("the time line of retryWithPeerSwitch", () => {
  it(
    "Alice is asked at 0, 1 and 3 s and Bob at 7 s",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("#");
      const bob = cold("  (b|)");
      expectObservable(ask([alice, bob])).toBe("7s (b|)");
      expectSubscriptions(alice.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)"]);
      expectSubscriptions(bob.subscriptions).toBe("7s (^!)");
    }),
  );

  it(
    "When Bob fails too, the result gives up at 7 s, with Bob's error as the cause",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("#", undefined, new Error("Alice is down"));
      const bob = cold("  #", undefined, new Error("Bob is down"));
      expectObservable(ask([alice, bob])).toBe("7s (G|)", { G: "exhausted after 4: Bob is down" });
      expectSubscriptions(alice.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)"]);
      expectSubscriptions(bob.subscriptions).toBe("7s (^!)");
    }),
  );

  it(
    "An only peer is asked four times",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("#");
      expectObservable(ask([alice])).toBe("7s (G|)", { G: "exhausted after 4: error" });
      expectSubscriptions(alice.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)", "7s (^!)"]);
    }),
  );

  it(
    "The waits of retries are 1, 2, 4, 8 and 8 s",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("#");
      expectObservable(ask([alice], { maxRetries: 5 })).toBe("23s (G|)", { G: "exhausted after 6: error" });
      const at = ["(^!)", "1s (^!)", "3s (^!)", "7s (^!)", "15s (^!)", "23s (^!)"];
      expectSubscriptions(alice.subscriptions).toBe(at);
    }),
  );

  it(
    "A wait counts from the failure",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("500ms #");
      const bob = cold("  500ms (b|)");
      expectObservable(ask([alice, bob])).toBe("9s (b|)");
      const tries = ["^ 499ms !", "1500ms ^ 499ms !", "4s ^ 499ms !"];
      expectSubscriptions(alice.subscriptions).toBe(tries);
      expectSubscriptions(bob.subscriptions).toBe("8500ms ^ 499ms !");
    }),
  );

  it(
    "Each attempt has 60 s, and when all hang the result gives up at 247 s",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("-");
      const bob = cold("  -");
      expectObservable(ask([alice, bob])).toBe("247s (G|)", { G: "exhausted after 4: no end after 60000 ms" });
      const tries = ["^ 59999ms !", "61s ^ 59999ms !", "123s ^ 59999ms !"];
      expectSubscriptions(alice.subscriptions).toBe(tries);
      expectSubscriptions(bob.subscriptions).toBe("187s ^ 59999ms !");
    }),
  );

  it(
    "A value and an end at exactly the timeout count, however they were scheduled",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("60s (a|)");
      expectObservable(ask([alice])).toBe("60s (a|)");
      expectSubscriptions(alice.subscriptions).toBe("^ 59999ms !");
      expectObservable(ask([timer(60_000).pipe(map(() => "a"))])).toBe("60s (a|)");
      const twice = timer(30_000).pipe(concatMap(() => timer(30_000)));
      expectObservable(ask([twice.pipe(map(() => "a"))])).toBe("60s (a|)");
    }),
  );

  it(
    "An attempt that has values and no end times out",
    marbles(({ cold, expectObservable }) => {
      expectObservable(ask([cold("-a"), cold("-b|")], { samePeerRetries: 0 })).toBe("-a 60999ms b|");
    }),
  );

  it(
    "A value one millisecond after the timeout does not count",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("60001ms (a|)");
      expectObservable(ask([alice], { maxRetries: 0 })).toBe("60s (G|)", {
        G: "exhausted after 1: no end after 60000 ms",
      });
      expectSubscriptions(alice.subscriptions).toBe("^ 59999ms !");
    }),
  );

  it(
    "When the next wait cannot end before the deadline, the result gives up at once, with the real last error",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("#", undefined, new Error("Alice is down"));
      const late = cold(" #", undefined, new Error("Alice is down"));
      expectObservable(ask([alice], { deadlineMs: 7000 })).toBe("3s (G|)", { G: "deadline after 3: Alice is down" });
      expectSubscriptions(alice.subscriptions).toBe(["(^!)", "1s (^!)", "3s (^!)"]);
      expectObservable(ask([late], { deadlineMs: 7001 })).toBe("7s (G|)", { G: "exhausted after 4: Alice is down" });
    }),
  );

  it(
    "The deadline ends an attempt",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const alice = cold("-");
      expectObservable(ask([alice], { deadlineMs: 10_000 })).toBe("10s (G|)", {
        G: "deadline after 1: no end after 10000 ms",
      });
      expectSubscriptions(alice.subscriptions).toBe("^ 9999ms !");
    }),
  );

  it(
    "With a timeout and a deadline of Infinity there are none",
    marbles(({ cold, expectObservable }) => {
      const patient = { attemptTimeoutMs: Infinity, deadlineMs: Infinity };
      expectObservable(ask([cold("600m (a|)")], patient)).toBe("600m (a|)");
    }),
  );

  it("The error of giving up tells why, and what the last error was", () => {
    const errors: unknown[] = [];
    const cause = new Error("Alice is down");
    of([1])
      .pipe(
        retryWithPeerSwitch(
          () => {
            throw cause;
          },
          { maxRetries: 0 },
        ),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) });
    const error = errors[0] as RetryGaveUpError;
    expect(error).toBeInstanceOf(RetryGaveUpError);
    expect([error.name, error.code, error.reason, error.attempts]).toEqual([
      "RetryGaveUpError",
      "RETRY_GAVE_UP",
      "exhausted",
      1,
    ]);
    expect(error.cause).toBe(cause);
    expect(new AttemptTimeoutError(5).code).toBe("TIMEOUT");
  });
});

describe("the choice of the next peer", () => {
  it.each([
    [0, "ABCABCA"],
    [1, "AABBCCA"],
    [2, "AAABBBC"],
    [9, "AAAAAAA"],
  ])("With %i retries on one peer, three peers are asked as %s", (samePeerRetries, expected) => {
    marbles(({ expectObservable }) => {
      let asked = "";
      const attempt = (peer: string): never => {
        asked += peer;
        throw new Error("down");
      };
      const config = { samePeerRetries, maxRetries: 6, backoff: () => 1 };
      const result = of(["A", "B", "C"]).pipe(
        retryWithPeerSwitch<string, string>(attempt, config),
        explained(),
        map(() => asked),
      );
      expectObservable(result).toBe("------(G|)", { G: expected });
    })();
  });
});
