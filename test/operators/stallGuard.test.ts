import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  endWith,
  map,
  NEVER,
  Observable,
  of,
  range,
  Subject,
  take,
  tap,
  throwError,
  timer,
  VirtualTimeScheduler,
} from "rxjs";
import type { ObservableInput, SchedulerLike } from "rxjs";
import { describe, expect, it } from "vitest";
import type { AttemptContext } from "../../operators/attempt.js";
import { StalledError } from "../../operators/Deadline.js";
import { stallGuard } from "../../operators/stallGuard.js";
import type { StallGuardConfig } from "../../operators/stallGuard.js";
import { marbles } from "./marbles.js";

const contextOf = (scheduler: SchedulerLike): AttemptContext<string> => ({
  attempt: 0,
  retry: 0,
  deadlineAt: Infinity,
  scheduler,
  signal: new AbortController().signal,
  backup: () => undefined,
  emit: () => undefined,
});

/** One guarded attempt; a stall comes out as the value "S" and an end, so that marbles show when. */
function guarded<T>(
  source: ObservableInput<T>,
  config: Partial<StallGuardConfig<string>> = {},
  scheduler: SchedulerLike = asyncScheduler,
): Observable<T | string> {
  const guard = stallGuard<string>({ firstByteMs: 7, idleMs: 5, ...config });
  return defer(() => guard<string, T>(() => source)("peer", contextOf(scheduler))).pipe(
    catchError((error: unknown) => (error instanceof StalledError ? of("S") : throwError(() => error))),
  );
}

describe("stallGuard", () => {
  it(
    "A stall guard passes empty, one, many and errors on",
    marbles(({ cold, expectObservable }) => {
      expectObservable(guarded(cold("|"))).toBe("|");
      expectObservable(guarded(cold("---a--|"))).toBe("---a--|");
      expectObservable(guarded(cold("--a-b----c|"))).toBe("--a-b----c|");
      expectObservable(guarded(cold("--a-#"))).toBe("--a-#");
      expectObservable(guarded(cold("#"))).toBe("#");
    }),
  );

  it(
    "A first value that is late is a stall, which cancels the attempt",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold("---------a|");
      expectObservable(guarded(source)).toBe("-------(S|)");
      expectSubscriptions(source.subscriptions).toBe("^------!");
      expectObservable(guarded(NEVER)).toBe("-------(S|)");
    }),
  );

  it(
    "A silence after a value that lasts too long is a stall",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold("-a-b-----------c|");
      expectObservable(guarded(source)).toBe("-a-b----(S|)");
      expectSubscriptions(source.subscriptions).toBe("^-------!");
    }),
  );

  it(
    "A value at exactly the limit is no stall, from a source that is hot as well",
    marbles(({ cold, hot, expectObservable }) => {
      expectObservable(guarded(cold("-------a----b----c|"))).toBe("-------a----b----c|");
      expectObservable(guarded(hot("-------a----b----c|"))).toBe("-------a----b----c|");
    }),
  );

  it(
    "A value that is scheduled late for exactly the limit is no stall",
    marbles(({ scheduler, expectObservable }) => {
      const late = timer(7, scheduler).pipe(map(() => "a"));
      expectObservable(guarded(late)).toBe("-------(a|)");
    }),
  );

  it(
    "Unsubscribing from a stall guard stops the attempt and the timer",
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const source = cold("--a---------");
      expectObservable(guarded(source), "^---!").toBe("--a--");
      expectSubscriptions(source.subscriptions).toBe("^---!");
      scheduler.flush();
      expect(scheduler.frame).toBeLessThan(8);
    }),
  );

  it(
    "A stall guard watches each subscriber for itself",
    marbles(({ cold, expectObservable }) => {
      const result = guarded(cold("--a-------"));
      expectObservable(result).toBe("--a----(S|)");
      expectObservable(result, "---^").toBe("-----a----(S|)");
    }),
  );

  it(
    "The time in which a peer is paused by ourselves does not count as silence",
    marbles(({ cold, hot, expectObservable }) => {
      const values = { t: true, f: false };
      // Three of five milliseconds were silent before the pause, so two are left after it.
      expectObservable(guarded(cold("-a-------------"), { paused: hot("----t-----f", values) })).toBe(
        "-a----------(S|)",
      );
      // What comes while paused starts a new silence when it goes on.
      expectObservable(guarded(cold("-a----b--------"), { paused: hot("----t-----f", values) })).toBe(
        "-a----b--------(S|)",
      );
      expectObservable(guarded(NEVER, { paused: hot("t--tff", values) })).toBe("-----------(S|)");
      expectObservable(guarded(NEVER, { paused: of(true) })).toBe("-");
      expectObservable(guarded(NEVER, { paused: EMPTY })).toBe("-------(S|)");
      expectObservable(guarded(cold("---a-|"), { paused: hot("--#", undefined, "pause") })).toBe(
        "--#",
        undefined,
        "pause",
      );
    }),
  );

  it(
    "A function is asked for its limit of silence at each check, and hears the peer's name",
    marbles(({ cold, expectObservable }) => {
      const peers = new Set<string>();
      let idle = 3;
      const idleMs = (peer: string): number => {
        peers.add(peer);
        return idle;
      };
      const source = cold("a-b-c-------").pipe(tap((value) => (idle = value === "c" ? 5 : 3)));
      expectObservable(guarded(source, { idleMs, firstByteMs: () => 1 })).toBe("a-b-c----(S|)");
      expectObservable(
        cold("----------|").pipe(
          map(() => peers),
          endWith(peers),
        ),
      ).toBe("----------(p|)", { p: new Set(["peer"]) });
    }),
  );

  it(
    "A limit of the first byte that has fallen is heard of within a second",
    marbles(({ expectObservable, scheduler }) => {
      const firstByteMs = (): number => (scheduler.now() < 50 ? 10_000 : 2000);
      expectObservable(guarded(NEVER, { firstByteMs })).toBe("2s (S|)");
    }),
  );

  it(
    "A stall guard takes time from its own scheduler when it has one",
    marbles(({ expectObservable, scheduler }) => {
      const stopped: SchedulerLike = { now: () => 0, schedule: () => new Subject().subscribe() };
      expectObservable(guarded(NEVER, { scheduler }, stopped)).toBe("-------(S|)");
      expectObservable(guarded(NEVER, {}, stopped)).toBe("-");
    }),
  );

  it(
    "A stall guard errors when a function throws, or tells a limit that no timer can hold",
    marbles(({ cold, expectObservable }) => {
      const bad = new RangeError("idleMs is NaN, expected a number from 0 to 2147483647");
      expectObservable(guarded(cold("-a-------"), { idleMs: () => NaN })).toBe("-#", undefined, bad);
      const mine = new Error("mine");
      const thrower = (): never => {
        throw mine;
      };
      expectObservable(guarded(cold("-a-------"), { firstByteMs: thrower })).toBe("#", undefined, mine);
      let calls = 0;
      const later = (): number => (calls++ === 0 ? 2 : thrower());
      expectObservable(guarded(NEVER, { firstByteMs: later })).toBe("--#", undefined, mine);
    }),
  );

  it(
    "A stall guard errors when the attempt throws",
    marbles(({ scheduler, expectObservable }) => {
      const mine = new Error("mine");
      const attempt = stallGuard({ firstByteMs: 1, idleMs: 1 })((): Observable<never> => {
        throw mine;
      });
      expectObservable(attempt("peer", contextOf(scheduler)) as Observable<never>).toBe("#", undefined, mine);
    }),
  );

  it("A stall guard stops a synchronous attempt that nobody wants any more", () => {
    let made = 0;
    const source = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(made++);
    });
    const seen: unknown[] = [];
    guarded(source)
      .pipe(take(3))
      .subscribe((value) => seen.push(value));
    expect([seen, made]).toEqual([[0, 1, 2], 3]);
  });

  it("A stall guard sets no timer for a value after the first", () => {
    let timers = 0;
    const scheduler: SchedulerLike = {
      now: () => 0,
      schedule: () => {
        timers += 1;
        return new Subject().subscribe();
      },
    };
    guarded(concat(range(0, 10_000), NEVER), {}, scheduler).subscribe();
    expect(timers).toBe(2);
  });

  it("A stall is noticed in time by a clock that is set back", () => {
    const scheduler = new VirtualTimeScheduler();
    const real = scheduler.now.bind(scheduler);
    let setBackMs = 0;
    scheduler.now = () => real() - setBackMs;
    let stalledAt = NaN;
    guarded(NEVER, {}, scheduler).subscribe(() => (stalledAt = real()));
    setBackMs = 1_000_000;
    scheduler.maxFrames = 1000;
    scheduler.schedule(() => (setBackMs = 0), 100);
    scheduler.flush();
    expect(stalledAt).toBeLessThanOrEqual(107);
  });

  it("The error of a stall says what was silent and for how long", () => {
    const error = new StalledError("idle", 2000);
    expect([error.name, error.code, error.limitMs, error.message]).toEqual([
      "StalledError",
      "STALLED",
      2000,
      "silent for 2000 ms",
    ]);
    expect(new StalledError("first-byte", 10).message).toBe("no first value within 10 ms");
  });

  it.each([
    [{ firstByteMs: NaN, idleMs: 1 }, "firstByteMs is NaN, expected a number from 0 to 2147483647"],
    [{ firstByteMs: 1, idleMs: -1 }, "idleMs is -1, expected a number from 0 to 2147483647"],
  ])("A stall guard refuses %j", (config, message) => {
    expect(() => stallGuard(config)).toThrow(new RangeError(message));
  });
});
