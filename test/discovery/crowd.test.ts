import { BehaviorSubject, of, Subject } from "rxjs";
import { expect, it } from "vitest";
import { crowd } from "../../src/discovery/crowd.js";
import type { Mirror } from "../../src/discovery/Mirror.js";
import { scriptedMirror } from "./scriptedMirror.js";

const MiB = 1024 * 1024;
const all = Array.from({ length: 100 }, (_, n): Mirror => scriptedMirror(`m${n}`, new Uint8Array()).peer);
const [first = all[0] as Mirror, second = first] = all;

/** A crowd, and who is in it by number. */
function stage(mirrors = of<readonly Mirror[]>(all), mostRequests = 8) {
  const size = new Subject<number>();
  const spent = new Subject<Mirror>();
  const undecided = new Subject<void>();
  const seen: (readonly number[])[] = [];
  let completed = false;
  crowd(mirrors, { size, spent, undecided, mostRequests }).subscribe({
    next: (asked) => seen.push(asked.map((mirror) => all.indexOf(mirror))),
    complete: () => (completed = true),
  });
  return { size, spent, undecided, now: () => seen.at(-1), isOver: () => completed };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

it("Of many mirrors the first four are asked", () => {
  expect(stage().now()).toEqual([0, 1, 2, 3]);
});

it("A mirror more is asked for each MiB of the file, and two that stand by, as far as there are requests", () => {
  const cases = [
    [1, 4],
    [3 * MiB, 5],
    [8 * MiB, 10],
    [900 * MiB, 10],
  ] as const;
  for (const [bytes, count] of cases) {
    const { size, now } = stage();
    size.next(bytes);
    expect(now()).toEqual(upTo(count));
  }
  const { size, now } = stage(of(all), 20);
  size.next(900 * MiB);
  expect(now()).toEqual(upTo(22));
});

it("A mirror that is spent stays, and makes room for the next one, once", () => {
  const { spent, now } = stage();
  spent.next(second);
  spent.next(second);
  expect(now()).toEqual(upTo(5));
  spent.next(first);
  expect(now()).toEqual(upTo(6));
});

it("Mirrors that are undecided get one more, then two more, then four", () => {
  const { undecided, now } = stage();
  for (const count of [5, 7, 11]) {
    undecided.next();
    expect(now()).toEqual(upTo(count));
  }
});

it("A mirror that leaves makes room for the next one", () => {
  const mirrors = new BehaviorSubject<readonly Mirror[]>(all);
  const { now } = stage(mirrors);
  mirrors.next(all.slice(1));
  expect(now()).toEqual([1, 2, 3, 4]);
});

it("A crowd is over when no mirror can join it any more", () => {
  expect(stage(of(all.slice(0, 4))).isOver()).toBe(true);
  expect(stage(new BehaviorSubject(all.slice(0, 4))).isOver()).toBe(false);
  const { spent, isOver } = stage(of(all.slice(0, 5)));
  expect(isOver()).toBe(false);
  spent.next(first);
  expect(isOver()).toBe(true);
});
