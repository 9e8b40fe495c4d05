import { expect, it } from "vitest";
import { ListTally } from "../../../src/assembly/list/ListTally.js";

const running = (received: number) => ({ state: "running" as const, done: received, received, listed: { file: 0 } });

/** A tally over files that the test changes, at a time that it sets. */
function tallied() {
  const files = new Map<number, ReturnType<typeof running>>();
  let now = 0;
  const tally = new ListTally(files, () => now);
  const rateAt = (ms: number): number => {
    now = ms;
    return tally.total().bytesPerSecond;
  };
  return { files, rateAt };
}

it("The rate of all is what came in the last five seconds", () => {
  const { files, rateAt } = tallied();
  for (const second of [1, 2, 3, 4, 5, 6, 7]) {
    files.set(0, running(second * 1000));
    expect(rateAt(second * 1000)).toBe(1000);
  }
});

it("An idle time before does not count into the rate", () => {
  const { files, rateAt } = tallied();
  rateAt(0);
  files.set(0, running(5000));
  expect(rateAt(100_000)).toBe(1000);
  files.set(0, running(6000));
  expect(rateAt(101_000)).toBe(1000);
});

it("A file that is taken up again, and so counts from 0, does not stop the rate", () => {
  const { files, rateAt } = tallied();
  files.set(0, running(4000));
  expect(rateAt(1000)).toBe(4000);
  files.set(0, running(0));
  rateAt(2000);
  files.set(0, running(4000));
  expect(rateAt(3000)).toBe(Math.round(8000 / 3));
});

it("A file that leaves the list takes nothing back of what came", () => {
  const { files, rateAt } = tallied();
  files.set(0, running(9000));
  files.set(1, running(1000));
  expect(rateAt(1000)).toBe(10_000);
  files.delete(0);
  files.set(1, running(3000));
  expect(rateAt(2000)).toBe(6000);
});
