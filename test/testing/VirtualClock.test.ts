import fc from "fast-check";
import type { SchedulerAction, SchedulerLike } from "rxjs";
import {
  concat,
  debounceTime,
  defer,
  delay,
  interval,
  map,
  NEVER,
  observeOn,
  of,
  retry,
  take,
  throwError,
  timeout,
  timer,
} from "rxjs";
import type { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/testing/VirtualClock.js";

/** What comes out, each with its time. */
function timeLine(clock: VirtualClock, source: Observable<unknown>): readonly string[] {
  const line: string[] = [];
  source.subscribe({
    next: (value) => line.push(`${clock.now()}: ${String(value)}`),
    error: (error: unknown) => line.push(`${clock.now()}: # ${(error as Error).name}`),
    complete: () => line.push(`${clock.now()}: |`),
  });
  clock.run(1_000_000);
  return line;
}

const cases: readonly (readonly [string, (on: SchedulerLike) => Observable<unknown>, readonly string[]])[] = [
  ["timer", (on) => timer(7, on), ["7: 0", "7: |"]],
  ["timer with a period", (on) => timer(7, 3, on).pipe(take(3)), ["7: 0", "10: 1", "13: 2", "13: |"]],
  ["interval", (on) => interval(5, on).pipe(take(2)), ["5: 0", "10: 1", "10: |"]],
  ["delay", (on) => of("a").pipe(delay(4, on)), ["4: a", "4: |"]],
  ["observeOn", (on) => of("a", "b").pipe(observeOn(on)), ["0: a", "0: b", "0: |"]],
  ["timeout", (on) => NEVER.pipe(timeout({ first: 9, scheduler: on })), ["9: # TimeoutError"]],
  [
    "debounceTime",
    (on) => concat(...[0, 2, 2, 20].map((ms) => timer(ms, on).pipe(map(() => ms)))).pipe(debounceTime(5, on)),
    ["9: 2", "24: 20", "24: |"],
  ],
  [
    "retry with a delay",
    (on) => {
      let tries = 0;
      const third = defer(() => (++tries < 3 ? throwError(() => new Error("no")) : of(tries)));
      return third.pipe(retry({ delay: (_, count) => timer(10 * count, on) }));
    },
    ["30: 3", "30: |"],
  ],
];

describe("VirtualClock", () => {
  it.each(cases)("A virtual clock gives %s its time", (_, source, line) => {
    const clock = new VirtualClock();
    expect(timeLine(clock, source(clock))).toEqual(line);
    expect(clock.pending).toBe(0);
  });

  it("A virtual clock runs in the order of time, then of scheduling, whatever is cancelled or scheduled again meanwhile", () => {
    const timers = fc.array(
      fc.record({ delayMs: fc.nat(20), againMs: fc.option(fc.nat(20), { nil: undefined }), cancelled: fc.boolean() }),
    );
    fc.assert(
      fc.property(timers, (scripts) => {
        const clock = new VirtualClock();
        let order = 0;
        const ran: (readonly [dueMs: number, order: number])[] = [];
        const expected: [number, number][] = [];
        const subscriptions = scripts.map(({ delayMs, againMs, cancelled }) => {
          const first: [number, number] = [delayMs, order++];
          if (!cancelled) expected.push(first);
          return clock.schedule<[number, number]>(
            function (own) {
              expect(clock.now()).toBe(own[0]);
              ran.push(own);
              if (againMs === undefined || own !== first) return;
              const again: [number, number] = [clock.now() + againMs, order++];
              expected.push(again);
              this.schedule(again, againMs);
            },
            delayMs,
            first,
          );
        });
        scripts.forEach(({ cancelled }, i) => {
          if (cancelled) subscriptions[i]?.unsubscribe();
        });
        expect(clock.pending).toBe(scripts.filter(({ cancelled }) => !cancelled).length);
        clock.run();
        expect(ran).toEqual(expected.sort(([a, m], [b, n]) => a - b || m - n));
        expect(clock.pending).toBe(0);
      }),
    );
  });

  it("A virtual clock has one timer for a work that is moved before it is due, and none after it is cancelled", () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    const action = clock.schedule(() => ran.push(clock.now()), 5) as SchedulerAction<unknown>;
    action.schedule(undefined, 8);
    expect(clock.pending).toBe(1);
    clock.run();
    expect(ran).toEqual([8]);
    action.unsubscribe();
    action.schedule(undefined, 1);
    expect(clock.pending).toBe(0);
  });

  it("A virtual clock keeps nothing of ten thousand cancelled timers", () => {
    const clock = new VirtualClock();
    const subscriptions = Array.from({ length: 10_000 }, (_, i) =>
      clock.schedule(() => undefined, (i * 7919) % 10_007),
    );
    subscriptions.filter((_, i) => i % 10 > 0).forEach((subscription) => subscription.unsubscribe());
    expect(clock.pending).toBe(1000);
    let before = 0;
    while (clock.step()) {
      expect(clock.now()).toBeGreaterThanOrEqual(before);
      before = clock.now();
    }
    expect(clock.pending).toBe(0);
  });

  it("A virtual clock goes until the time it is told, and that is the time then", () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    interval(10, clock).subscribe(() => ran.push(clock.now()));
    clock.run(20);
    expect(ran).toEqual([10, 20]);
    clock.run(25);
    expect(clock.now()).toBe(25);
    expect(clock.nextMs).toBe(30);
    clock.run(1);
    expect(clock.now()).toBe(25);
  });

  it("A virtual clock takes no step with nothing to do", () => {
    const clock = new VirtualClock();
    expect(clock.step()).toBe(false);
    expect(clock.nextMs).toBe(undefined);
    clock.run();
    expect(clock.now()).toBe(0);
  });

  it("A virtual clock rounds a part of a millisecond up, and takes a negative wait for none", () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    for (const ms of [0.1, -5, 1.0001]) clock.schedule(() => ran.push(clock.now()), ms);
    clock.run();
    expect(ran).toEqual([0, 1, 2]);
  });

  it("A virtual clock throws what a work throws, ends that work, and can be run on", () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const broken = clock.schedule(() => {
      throw new Error("broken");
    }, 1);
    clock.schedule(() => ran.push("next"), 1);
    expect(() => clock.run()).toThrow("broken");
    expect(broken.closed).toBe(true);
    clock.run();
    expect(ran).toEqual(["next"]);
  });

  it.each([NaN, Infinity, 2 ** 31])("A virtual clock refuses a wait of %s ms", (ms) => {
    const clock = new VirtualClock();
    expect(() => clock.schedule(() => undefined, ms)).toThrow(`a delay is ${ms} ms; it must be at most 2147483647`);
    expect(clock.pending).toBe(0);
  });
});
