import type { SchedulerAction } from "rxjs";
import { asapScheduler, interval, of, scheduled, take, timer, VirtualTimeScheduler } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { AwakeClock } from "../../src/download/AwakeClock.js";
import { Machine } from "./Machine.js";

const minutes = 60_000;
let machine = new Machine();
let clock = new AwakeClock(machine);
let gaps: number[] = [];

beforeEach(() => {
  machine = new Machine();
  clock = new AwakeClock(machine);
  gaps = [];
  clock.gaps.subscribe((ms) => gaps.push(ms));
  clock.start();
});

/** When `ms` from now are over, in time of the clock and of the machine. */
function after(ms: number): number[][] {
  const fired: number[][] = [];
  timer(ms, clock).subscribe(() => fired.push([clock.now(), machine.monotonic]));
  return fired;
}

describe("an awake clock", () => {
  it("An awake clock is the base clock while nothing happens", () => {
    const fired = after(2500);
    machine.run(2499);
    expect(fired).toEqual([]);
    machine.run(1);
    expect(fired).toEqual([[2500, 2500]]);
    expect(gaps).toEqual([]);
  });

  it("An awake clock counts ten minutes of sleep as one second, and tells of them once", () => {
    const fired = after(4000);
    machine.run(2000);
    machine.sleep(10 * minutes);
    expect(clock.now()).toBe(3000);
    expect(clock.hasSlept).toBe(true);
    machine.run(1000);
    expect(clock.hasSlept).toBe(false);
    expect(gaps).toEqual([10 * minutes]);
    machine.run(5000);
    // A timer that slept with the machine is a second late.
    expect(fired).toEqual([[5000, 4000]]);
  });

  it("An awake clock sets timers again that are overdue because the process stood still", () => {
    const fired = after(4000);
    machine.run(2000);
    machine.stall(7000);
    machine.run(0);
    expect(clock.now()).toBe(3000);
    expect(fired).toEqual([]);
    machine.run(1000);
    expect(fired).toEqual([[4000, 10_000]]);
    expect(gaps).toEqual([7000]);
  });

  it.each([3000, 5000])("An awake clock counts an event loop that was blocked for %i ms in full", (ms) => {
    const fired = after(2000);
    machine.stall(ms);
    machine.run(0);
    expect(fired).toEqual([[ms, ms]]);
    expect(gaps).toEqual([]);
  });

  it("An awake clock takes a wall clock that was set back as nothing, and never runs backwards", () => {
    const fired = after(2000);
    machine.run(1000);
    machine.setWall(-3600_000);
    expect(clock.now()).toBe(1000);
    machine.run(999);
    expect(fired).toEqual([]);
    machine.run(1);
    expect(fired).toEqual([[2000, 2000]]);
    expect(gaps).toEqual([]);
  });

  it("An awake clock stands while it is paused, keeps what comes due, and goes on with what was left", () => {
    const fired = after(1500);
    machine.run(1000);
    clock.pause();
    expect(clock.isPaused).toBe(true);
    const later = after(200);
    machine.run(60_000);
    expect(clock.now()).toBe(1000);
    clock.resume();
    machine.run(200);
    expect(later).toEqual([[1200, 61_200]]);
    machine.run(300);
    expect(fired).toEqual([[1500, 61_500]]);
    expect(gaps).toEqual([]);
  });

  it("An awake clock tells of sleep while it is paused, and counts none of it", () => {
    clock.pause();
    machine.sleep(minutes);
    machine.run(1000);
    expect(gaps).toEqual([minutes + 1000]);
    clock.resume();
    expect(clock.now()).toBe(0);
  });

  it("An awake clock knows the wall time of its times, and the other way round", () => {
    machine.run(1000);
    machine.sleep(10 * minutes);
    expect(clock.now()).toBe(2000);
    expect(clock.toWall(2000)).toBe(machine.now());
    expect(clock.fromWall(machine.now() + 500)).toBe(2500);
  });

  it("An awake clock has no timer left when it is stopped, and notices no gap any more", () => {
    machine.run(1000);
    machine.sleep(minutes);
    clock.now();
    clock.stop();
    expect(machine.timers.size).toBe(0);
    machine.sleep(minutes);
    expect(clock.now()).toBe(2000 + minutes);
    expect(gaps).toEqual([]);
  });
});

describe("its actions", () => {
  it("Actions of an awake clock repeat when they are scheduled again from within, as intervals do", () => {
    const seen: number[] = [];
    interval(700, clock)
      .pipe(take(3))
      .subscribe(() => seen.push(clock.now()));
    machine.run(10_000);
    expect(seen).toEqual([700, 1400, 2100]);
  });

  it("Actions of an awake clock carry their state from run to run", () => {
    const states: (number | undefined)[] = [];
    clock.schedule(
      function (this: SchedulerAction<number>, state?: number) {
        states.push(state);
        if (state !== undefined && state < 2) this.schedule(state + 1, 100);
      },
      100,
      0,
    );
    machine.run(1000);
    expect(states).toEqual([0, 1, 2]);
  });

  it.each([
    ["before they are due", false],
    ["while they are kept", true],
  ])("Actions of an awake clock do nothing when they are cancelled %s, and leave no timer", (_, isPaused) => {
    const fired: number[][] = [];
    const action = timer(100, clock).subscribe(() => fired.push([]));
    if (isPaused) clock.pause();
    if (isPaused) machine.run(200);
    action.unsubscribe();
    clock.resume();
    machine.run(1000);
    clock.stop();
    expect(fired).toEqual([]);
    expect(machine.timers.size).toBe(0);
  });

  it("Actions of an awake clock do not start again after they were cancelled", () => {
    let runs = 0;
    clock.schedule(function (this: SchedulerAction<unknown>) {
      runs++;
      this.unsubscribe();
      this.schedule(undefined, 10);
    }, 10);
    machine.run(1000);
    expect(runs).toBe(1);
  });

  it("Actions of an awake clock end with what they throw", () => {
    const action = clock.schedule(() => {
      throw new Error("no");
    }, 10);
    expect(() => machine.run(20)).toThrow("no");
    expect(action.closed).toBe(true);
  });

  it("Actions of an awake clock come at fractions of a millisecond that do not add up", () => {
    const base = new VirtualTimeScheduler();
    const odd = new AwakeClock(base);
    odd.pause();
    base.frame = 0.1;
    odd.resume();
    const seen: number[] = [];
    interval(0.7, odd)
      .pipe(take(100))
      .subscribe((n) => seen.push(n));
    base.flush();
    expect(seen).toHaveLength(100);
  });

  it("Actions of an awake clock keep the frames and the order of marbles", () => {
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ expectObservable }) => {
      const base = new AwakeClock(asapScheduler); // replaced by the virtual one within run
      base.start();
      expectObservable(timer(3, base)).toBe("---(0|)", { 0: 0 });
      expectObservable(scheduled(of("a", "b"), base)).toBe("(ab|)");
      base.stop();
    });
  });
});
