import { join } from "node:path";
import { NEVER, of, Subject } from "rxjs";
import { expect, it } from "vitest";
import { sharedMeans } from "../../../src/assembly/node/sharedMeans.js";

const path = join("films", "film");

it("One rate is shared by all files: what comes for one holds the others back", () => {
  const means = sharedMeans();
  const [one, other] = [means.ofOneFile().backpressure(1000), means.ofOneFile().backpressure(1000)];
  const paused: boolean[] = [];
  const watched = other.paused.subscribe((isPaused) => paused.push(isPaused));
  one.came(5000);
  watched.unsubscribe();
  expect(paused).toEqual([false, true]);
});

it("A path that one file has is refused to another, and kept for the first in each of its runs", () => {
  const means = sharedMeans();
  const [one, other] = [means.ofOneFile(), means.ofOneFile()];
  const lock = one.lock(path);
  expect(one.lock(path)).toBe(lock);
  expect(() => other.lock(path)).toThrow(
    expect.objectContaining({
      code: "TARGET_EXISTS",
      message: `${path} is the place of another file of the list, too; choose another name or folder for one of them`,
    }) as Error,
  );
});

it("A path that a file has left for another one is free, and so are all when the list has ended", () => {
  const means = sharedMeans();
  const [one, other, third] = [means.ofOneFile(), means.ofOneFile(), means.ofOneFile()];
  one.lock(path);
  one.lock(`${path}.2`);
  expect(() => other.lock(path)).not.toThrow();
  expect(() => other.lock(`${path}.2`)).toThrow();
  means.whileUsed(of("the list")).subscribe();
  expect(() => third.lock(path)).not.toThrow();
  one.lock(`${path}.3`);
  expect(() => other.lock(path)).toThrow();
});

it("Folders are looked at once a run of the list, and anew in the next one", () => {
  const means = sharedMeans();
  const folders = means.ofOneFile().folders();
  expect(means.ofOneFile().folders()).toBe(folders);
  means.whileUsed(NEVER).subscribe().unsubscribe();
  expect(means.ofOneFile().folders()).not.toBe(folders);
});

it("Names beside a file that its download takes are refused to others, whoever of them comes first", () => {
  for (const beside of [
    ".part",
    ".part.json",
    ".part.json.damaged",
    ".part.hashes",
    ".part.lock",
    ".part.old",
    ".part.old.json",
  ]) {
    for (const [first, second] of [
      [path, path + beside],
      [path + beside, path],
    ] as const) {
      const means = sharedMeans();
      means.ofOneFile().lock(first);
      expect(() => means.ofOneFile().lock(second)).toThrow(
        expect.objectContaining({
          code: "TARGET_EXISTS",
          message: `${second} cannot be beside ${first}, which is another file of the list: one has a name that the download of the other takes; choose another name or folder for one of them`,
        }) as Error,
      );
    }
  }
});

it("A path that is planned is its file's in each run, before files that learn their names, and of two the first of the list has it", () => {
  const means = sharedMeans();
  const [first, second] = [means.ofPlanned(path).ofOneFile(), means.ofPlanned(path).ofOneFile()];
  const learned = means.ofOneFile();
  for (let run = 1; run <= 2; run += 1) {
    const running = means.whileUsed(NEVER).subscribe();
    expect(() => learned.lock(path)).toThrow();
    expect(() => second.lock(path)).toThrow();
    expect(() => first.lock(path)).not.toThrow();
    running.unsubscribe();
  }
});

it("The rate begins anew with each run of the list: what an earlier one left counted holds nobody back", () => {
  const means = sharedMeans();
  const own = means.ofOneFile();
  const run = new Subject<never>();
  means.whileUsed(run).subscribe();
  const before = own.backpressure(undefined);
  before.waits(64 * 1024 * 1024);
  run.complete();
  const after: boolean[] = [];
  own.backpressure(undefined).paused.subscribe((isPaused) => after.push(isPaused));
  expect(after).toEqual([false]);
});
