import {
  concat,
  delay,
  EMPTY,
  finalize,
  merge,
  NEVER,
  Observable,
  of,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, it } from "vitest";
import { DownloadList, type DownloadListConfig } from "../../../src/assembly/list/DownloadList.js";
import type { ListEvent } from "../../../src/assembly/list/ListEvent.js";
import type { PlannedEntry } from "../../../src/assembly/list/PlannedEntry.js";
import type { PlannedFile, StopSignals } from "../../../src/assembly/list/PlannedFile.js";
import { emptyAccount } from "../../../src/download/Account.js";
import { DownloadError } from "../../../src/index.js";
import type { FileEvent } from "../../../src/node.js";

const account = { ...emptyAccount, size: 10, done: 10, received: 10 };
const completed: FileEvent = { type: "download-completed", at: 0, account, path: "here" };
const paused = (removed: boolean): FileEvent => ({
  ...{ type: "download-paused", at: 0, account: emptyAccount },
  ...(removed && { removed: true }),
});
const failure = new DownloadError("NO_PEERS", "nobody has it");
const failed: FileEvent = {
  ...{ type: "download-failed", at: 0, account: emptyAccount, code: "NO_PEERS", message: "nobody has it" },
  ...{ failedChunks: [], resumable: true },
};

/** A download that takes so many ms, and obeys its signals. */
function taking(ms: number, begun: (n: number) => void = () => undefined, place = 0): PlannedFile {
  const run = ({ pauseWhen = NEVER, discardWhen = NEVER }: StopSignals): Observable<FileEvent> => {
    begun(place);
    const stopped = merge(pauseWhen.pipe(tap(() => (removed = false))), discardWhen.pipe(tap(() => (removed = true))));
    let removed: boolean | undefined;
    const stop = stopped.pipe(take(1));
    return concat(
      of(completed).pipe(delay(ms), takeUntil(stop)),
      new Observable<FileEvent>((subscriber) => {
        if (removed !== undefined) subscriber.next(paused(removed));
        subscriber.complete();
      }),
    );
  };
  return { size: 10, run };
}

/** The events of a list in virtual time; `act` is called with it when it is subscribed. */
function eventsOf(
  files: readonly PlannedFile[],
  config: Partial<DownloadListConfig> = {},
  act: (list: DownloadList) => void = () => undefined,
): readonly ListEvent[] {
  const seen: ListEvent[] = [];
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    const list = new DownloadList(
      files.map((file) => ({ files: file })),
      { concurrency: 2, scheduler, ...config },
    );
    list.events.subscribe((event) => seen.push(event));
    act(list);
    scheduler.flush();
  });
  return seen;
}

function outcomesIn(events: readonly ListEvent[]) {
  const last = events.at(-1);
  if (last?.type !== "list-ended") throw new Error("the list has not ended");
  return last.outcomes.map(({ status }) => status);
}

it("As many files as are wanted run at a time, in the order of the list", () => {
  const begun: string[] = [];
  const at = (n: number) => begun.push(`${n}`);
  const files = [taking(10, at, 0), taking(30, at, 1), taking(10, at, 2)];
  const events = eventsOf(files);
  const ended = events.flatMap((event) => (event.type === "file-ended" ? [[event.outcome.file, event.at]] : []));
  expect(ended).toEqual([
    [0, 10],
    [2, 20],
    [1, 30],
  ]);
  expect(begun).toEqual(["0", "1", "2"]);
});

it("One file's failure keeps no other from being tried, and the last event has how each ended", () => {
  const failing: PlannedFile = {
    run: () =>
      concat(
        of(failed),
        throwError(() => failure),
      ),
  };
  const throwing: PlannedFile = {
    run: () => {
      throw new TypeError("wrong");
    },
  };
  const events = eventsOf([failing, throwing, taking(5)]);
  expect(outcomesIn(events)).toEqual(["failed", "failed", "completed"]);
  expect(events.at(-1)).toMatchObject({
    total: { filesDone: 1, filesFailed: 2, filesWaiting: 0, filesRunning: 0, bytesDone: 10, bytesKnown: 10 },
    outcomes: [{ file: 0, error: failure }, {}, { file: 2, size: 10, account, path: "here" }],
  });
});

it("A file that runs is cancelled alone, and keeps or removes what is here", () => {
  const events = eventsOf([taking(10), taking(10), taking(10)], { concurrency: 3 }, (list) => {
    timer(5).subscribe(() => {
      list.cancel(0);
      list.cancel(1, "remove");
    });
  });
  expect(outcomesIn(events)).toEqual(["cancelled", "cancelled", "completed"]);
  expect(events.at(-1)).toMatchObject({ outcomes: [{ removed: false }, { removed: true }, {}] });
});

it("A file that is cancelled while it waits is never begun, unless it is tried again", () => {
  const begun: number[] = [];
  const files = [taking(10), taking(10, (n) => begun.push(n), 1), taking(10, (n) => begun.push(n), 2)];
  const events = eventsOf(files, { concurrency: 1 }, (list) => {
    list.cancel(1);
    list.cancel(2);
    timer(5).subscribe(() => list.retry(2));
  });
  expect(outcomesIn(events)).toEqual(["completed", "cancelled", "completed"]);
  expect(begun).toEqual([2]);
});

it("A file that failed is tried again while the list runs", () => {
  let tries = 0;
  const flaky: PlannedFile = {
    run: () =>
      ++tries > 1
        ? of(completed)
        : concat(
            of(failed),
            throwError(() => failure),
          ),
  };
  const events = eventsOf([flaky, taking(20)], {}, (list) => void timer(5).subscribe(() => list.retry(0)));
  expect(outcomesIn(events)).toEqual(["completed", "completed"]);
  expect(events.filter(({ type }) => type === "file-waiting")).toHaveLength(3);
});

it("A file is paused alone, while it runs or waits, and goes on when it is tried again", () => {
  const events = eventsOf([taking(10), taking(10), taking(10)], { concurrency: 1 }, (list) => {
    list.pause(1);
    timer(5).subscribe(() => list.pause(0));
    timer(12).subscribe(() => list.retry(0));
  });
  const ended = events.flatMap((event) =>
    event.type === "file-ended" ? [[event.outcome.file, event.outcome.status, event.at]] : [],
  );
  expect(ended).toEqual([
    [1, "paused", 0],
    [0, "paused", 5],
    [2, "completed", 15],
    [0, "completed", 25],
  ]);
});

it("A pause of the list ends those that run and those that wait", () => {
  const events = eventsOf([taking(10), taking(100), taking(10), taking(10)], { pauseWhen: timer(15) });
  expect(outcomesIn(events)).toEqual(["completed", "paused", "paused", "paused"]);
});

it("A list that was left runs again as a whole, and one that runs is refused a second time", () => {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    const list = new DownloadList([{ files: taking(10) }], { concurrency: 1, scheduler });
    const first = list.events.subscribe();
    let error: unknown;
    list.events.subscribe({ error: (thrown: unknown) => (error = thrown) });
    expect(error).toMatchObject({
      code: "LOCKED",
      message: "this list runs already; share its events, as with pipe(share())",
    });
    first.unsubscribe();
    const types: string[] = [];
    list.events.subscribe(({ type }) => types.push(type));
    scheduler.flush();
    expect(types.at(-1)).toBe("list-ended");
  });
});

it("A list of nothing has ended at once", () => {
  expect(eventsOf([]).map(({ type }) => type)).toEqual(["list-ended"]);
});

it("A file that the list has not is refused by its number", () => {
  const list = new DownloadList([{ files: NEVER }, { files: NEVER }], { concurrency: 1 });
  expect(() => list.cancel(0)).toThrow("file is 0, and nobody is subscribed to the list");
  const left = list.events.subscribe();
  expect(() => list.retry(2)).toThrow("file is 2, and the list has 2 files so far");
  left.unsubscribe();
});

it("A fate that is neither to keep nor to remove is refused by its word", () => {
  const list = new DownloadList([{ files: NEVER }], { concurrency: 1 });
  const left = list.events.subscribe();
  expect(() => list.cancel(0, "delete" as "keep")).toThrow('what is "delete"; it must be "keep" or "remove"');
  left.unsubscribe();
});

it("The rate of a list is never below nothing, also when a file ends whose account is empty", () => {
  const came: FileEvent = {
    ...{ type: "progress", at: 0, done: 1000, verified: 0, received: 1000, bytesPerSecond: 0, retries: 0 },
  };
  const file: PlannedFile = { run: () => concat(of(came), of(paused(false)).pipe(delay(1000))) };
  const rates = eventsOf([file, taking(10)]).flatMap((event) => ("total" in event ? [event.total.bytesPerSecond] : []));
  expect(Math.min(...rates)).toBe(0);
});

it("Files whose size nobody has told are counted while they run or wait, and have the size that they ended with", () => {
  const { run } = taking(500);
  const failing: PlannedFile = { run: () => throwError(() => failure) };
  const totals = eventsOf([{ run }, failing, taking(500)], { concurrency: 1 }).flatMap((event) =>
    "total" in event ? [event.total] : [],
  );
  expect(totals[0]).toMatchObject({ bytesKnown: 10, filesUnsized: 2 });
  expect(totals.at(-1)).toMatchObject({ bytesDone: 20, bytesKnown: 20, filesFailed: 1, filesUnsized: 0 });
});

it("The total is told at most four times a second, and its rate is that of the last seconds", () => {
  const progress = (n: number): FileEvent => ({
    ...{ type: "progress", at: 0, done: n * 1000, verified: 0, received: n * 1000, bytesPerSecond: 0, retries: 0 },
  });
  const ticks = new Subject<FileEvent>();
  const file: PlannedFile = { size: 100_000, run: () => concat(ticks.pipe(take(100)), EMPTY) };
  const events = eventsOf([file], {}, () => {
    for (let n = 1; n <= 100; n += 1) timer(n * 100).subscribe(() => ticks.next(progress(n)));
  });
  const totals = events.flatMap((event) => (event.type === "total" ? [event] : []));
  expect(totals.length).toBeLessThanOrEqual(42);
  const { bytesPerSecond, bytesKnown } = totals.at(-1)?.total ?? { bytesPerSecond: 0, bytesKnown: 0 };
  expect(bytesKnown).toBe(100_000);
  expect(bytesPerSecond).toBeGreaterThan(9500);
  expect(bytesPerSecond).toBeLessThan(10_500);
});

/** The events of entries in virtual time. */
function eventsOfEntries(
  entries: readonly PlannedEntry[],
  config: Partial<DownloadListConfig> = {},
  act: (list: DownloadList) => void = () => undefined,
): readonly ListEvent[] {
  const seen: ListEvent[] = [];
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(() => {
    const list = new DownloadList(entries, { concurrency: 1, scheduler, ...config });
    list.events.subscribe((event) => seen.push(event));
    act(list);
    scheduler.flush();
  });
  return seen;
}

it("A file that is known begins at once, however long Metalinks before it take, and the end has all in the order of the list", () => {
  const slow = (ms: number, ...names: readonly string[]): PlannedEntry => ({
    files: of(names.map((name) => ({ ...taking(10), name }))).pipe(delay(ms)),
  });
  const events = eventsOfEntries([slow(100, "a", "b"), slow(100, "c"), { files: { ...taking(10), name: "d" } }], {
    concurrency: 2,
  });
  const ended = events.flatMap((event) =>
    event.type === "file-ended" ? [[event.outcome.name, event.outcome.file, event.at]] : [],
  );
  expect(ended).toEqual([
    ["d", 2, 10],
    ["a", 0, 110],
    ["b", 3, 110],
    ["c", 1, 120],
  ]);
  const last = events.at(-1);
  expect(last?.type === "list-ended" && last.outcomes.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
});

it("As many Metalinks are read at a time as files are downloaded", () => {
  let [now, most] = [0, 0];
  const entry: PlannedEntry = {
    files: new Observable((subscriber) => {
      most = Math.max(most, ++now);
      return of([taking(1)])
        .pipe(
          delay(10),
          finalize(() => (now -= 1)),
        )
        .subscribe(subscriber);
    }),
  };
  expect(outcomesIn(eventsOfEntries([entry, entry, entry, entry], { concurrency: 2 }))).toEqual(
    Array(4).fill("completed"),
  );
  expect(most).toBe(2);
});

it("A Metalink that does not come is cancelled and paused like a file that waits, and its reading is left", () => {
  let left = 0;
  const silent: PlannedEntry = { files: NEVER.pipe(finalize(() => (left += 1))) };
  const events = eventsOfEntries([silent, silent], { concurrency: 2, pauseWhen: timer(20) }, (list) => {
    timer(5).subscribe(() => list.cancel(0));
  });
  expect(outcomesIn(events)).toEqual(["cancelled", "paused"]);
  expect(left).toBe(2);
});

it("A Metalink that was cancelled while it was read is read anew when it is tried again", () => {
  let reads = 0;
  const files = new Observable<readonly PlannedFile[]>((subscriber) => {
    reads += 1;
    return of([taking(10)])
      .pipe(delay(10))
      .subscribe(subscriber);
  });
  const events = eventsOfEntries([{ files }, { files: taking(50) }], {}, (list) => {
    timer(5).subscribe(() => {
      list.cancel(0);
      list.retry(0);
    });
  });
  expect(outcomesIn(events)).toEqual(["completed", "completed"]);
  expect(reads).toBe(2);
});

it("A list whose pause was wished before it begins starts nothing, and tells so of each file", () => {
  const begun: number[] = [];
  const events = eventsOf([taking(10, (n) => begun.push(n))], { pauseWhen: of("now") });
  expect(outcomesIn(events)).toEqual(["paused"]);
  expect(begun).toEqual([]);
});
