import { VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { gone } from "../../../src/cli/daemon/gone.js";

/** Outcome of the wait for a process that is there until a moment, ms, and when it came. */
function waited(until: number): readonly [unknown, number] {
  const clock = new VirtualTimeScheduler();
  let outcome: unknown;
  gone(4711, () => clock.now() < until, clock).subscribe({
    next: (value) => (outcome = value),
    error: (error: unknown) => (outcome = error),
  });
  clock.flush();
  return [outcome, clock.now()];
}

it("A daemon that was asked to end is waited for until it is gone", () => {
  expect(waited(0)).toEqual([true, 0]);
  expect(waited(59_850)).toEqual([true, 59_900]);
});

it("A daemon that does not end is waited for a minute, and named then", () => {
  const [outcome, at] = waited(Infinity);
  expect(outcome).toMatchObject({ code: "LOCKED", message: expect.stringMatching(/process 4711,.* 60 s;/) as string });
  expect(at).toBe(60_000);
});
