import {
  concat,
  concatMap,
  defer,
  delay,
  EMPTY,
  ignoreElements,
  merge,
  NEVER,
  Observable,
  of,
  switchMap,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, it } from "vitest";
import type { PlannedFile, StopSignals } from "../../../src/assembly/list/PlannedFile.js";
import { DownloadManager, type ManagerParts } from "../../../src/assembly/manager/DownloadManager.js";
import type { ManagerEvent } from "../../../src/assembly/manager/ManagerEvent.js";
import type { ManagerRecord } from "../../../src/control/ManagerRecord.js";
import type { ManagerStore } from "../../../src/control/ManagerStore.js";
import { emptyAccount } from "../../../src/download/Account.js";
import { DownloadError } from "../../../src/index.js";
import type { FileEvent } from "../../../src/node.js";

const settings = { concurrency: 2, limitRate: null, dir: "/films", retry: {} };
const account = { ...emptyAccount, size: 10, done: 10, received: 10 };
const card = { root: "", name: "a", size: 10, chunkSize: 10, chunkCount: 1, integrity: "none" } as const;

/** A store in memory, which takes its time for a save. */
class MemoryStore implements ManagerStore {
  saves = 0;
  held = 0;
  record: ManagerRecord | undefined;

  hold(): Observable<void> {
    return new Observable((subscriber) => {
      this.held += 1;
      subscriber.next();
      return () => (this.held -= 1);
    });
  }

  load() {
    return defer(() => of(this.record === undefined ? {} : { record: this.record }));
  }

  save(record: ManagerRecord): Observable<never> {
    return defer(() => {
      this.saves += 1;
      return timer(1).pipe(
        tap(() => (this.record = structuredClone(record))),
        ignoreElements(),
      );
    });
  }

  keepDocument(text: string): Observable<string> {
    return of(`/kept/${text}`);
  }
}

/** A download that takes so many ms, and obeys its signals, after `stopMs` where it is given. */
function taking(ms: number, begun: () => void, stopMs?: number): PlannedFile {
  const run = ({ pauseWhen = NEVER, discardWhen = NEVER }: StopSignals): Observable<FileEvent> =>
    defer(() => {
      begun();
      let removed: boolean | undefined;
      const stopped = merge(
        pauseWhen.pipe(tap(() => (removed = false))),
        discardWhen.pipe(tap(() => (removed = true))),
      ).pipe(take(1));
      const started: FileEvent = {
        ...{ type: "download-started", at: 0, manifest: card, resumedChunks: 0, resumedBytes: 0, path: "/films/a" },
      };
      const completed: FileEvent = { type: "download-completed", at: 0, account, path: "/films/a" };
      const paused = (): Observable<FileEvent> =>
        removed === undefined
          ? EMPTY
          : of({ type: "download-paused", at: 0, account: emptyAccount, ...(removed && { removed }) });
      const end = stopMs === undefined ? defer(paused) : timer(stopMs).pipe(concatMap(paused));
      return concat(of(started), of(completed).pipe(delay(ms), takeUntil(stopped)), end);
    });
  return { run };
}

const failing: PlannedFile = { run: () => throwError(() => new DownloadError("NO_PEERS", "nobody has it")) };

interface Stage {
  readonly manager: DownloadManager;
  readonly store: MemoryStore;
  readonly begun: readonly string[];
  readonly discarded: readonly string[];
  readonly events: readonly ManagerEvent[];
  readonly states: () => readonly string[];
}

/** Runs a manager in virtual time, whose sources say how long they take, such as `10` or `fail`; its ids count from 1. */
function staged(
  act: (stage: Stage) => void,
  { record, pauseWhen }: { record?: ManagerRecord; pauseWhen?: Observable<unknown> } = {},
): Stage {
  const scheduler = new TestScheduler(() => undefined);
  return scheduler.run(() => {
    const store = new MemoryStore();
    store.record = record;
    const begun: string[] = [];
    const discarded: string[] = [];
    const events: ManagerEvent[] = [];
    const plan: ManagerParts["plan"] = ({ added: { sources, options } }) => {
      const [source = ""] = sources;
      if (source === "wrong") throw new TypeError("wrong is no source");
      const file = (name: string) =>
        name === "fail"
          ? failing
          : taking(Number.parseInt(name), () => begun.push(name), name.includes("slow") ? 5 : undefined);
      if (!source.includes("+")) return { source, files: file(source) };
      const wanted = source.split("+").filter((name) => options.select?.includes(name) ?? true);
      const named = wanted.map((name) => ({ ...file(name), name, size: 10 }));
      return { source, files: of(named).pipe(delay(5)) };
    };
    const manager = new DownloadManager(
      {
        store,
        plan,
        limit: () => undefined,
        discard: (path) =>
          timer(5).pipe(
            tap(() => discarded.push(path)),
            ignoreElements(),
          ),
        around: (all) => all,
      },
      { settings, scheduler, pauseWhen },
    );
    const states = () => manager.order.map((id) => `${id} ${manager.row(id).state}`);
    const stage = { manager, store, begun, discarded, events, states };
    manager.events.subscribe((event) => events.push(event));
    act(stage);
    scheduler.flush();
    return stage;
  });
}

const add = ({ manager }: Stage, ...sources: readonly string[]) =>
  void manager.add(sources.map((source) => ({ sources: [source] }))).subscribe();

it("Downloads that are added run so many at a time, in their order, and stay listed when they have ended", () => {
  const { begun, states, store } = staged((stage) => add(stage, "10 a", "30 b", "fail", "10 c"));
  expect(begun).toEqual(["10 a", "30 b", "10 c"]);
  expect(states()).toEqual(["1 completed", "2 completed", "3 failed", "4 completed"]);
  expect(store.record?.downloads.map(({ state }) => state)).toEqual(["completed", "completed", "failed", "completed"]);
  expect(store.record?.nextId).toBe(5);
});

it("Numbers of added downloads are told when they are saved", () => {
  staged(({ manager, store }) => {
    let saved: number | undefined;
    manager.add([{ sources: ["10"] }]).subscribe((ids) => {
      expect(ids).toEqual([1]);
      saved = store.record?.downloads.length;
    });
    expect(saved).toBeUndefined();
    timer(5).subscribe(() => expect(saved).toBe(1));
  });
});

it("Of several downloads none is added when one cannot be, and the error says which", () => {
  let error: unknown;
  const { states } = staged(({ manager }) => {
    manager
      .add([{ sources: ["10"] }, { sources: ["wrong"] }])
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
  });
  expect(error).toEqual(new TypeError("download 2 of the request: wrong is no source"));
  expect(states()).toEqual([]);
});

it("A download of a higher priority is the next one, and one that was moved takes its place among its equals", () => {
  const { begun } = staged((stage) => {
    add(stage, "10 a", "10 b", "10 c", "10 d", "10 e");
    stage.manager.move([4], { priority: "high" });
    stage.manager.move([5], { before: 3 });
  });
  expect(begun).toEqual(["10 a", "10 b", "10 d", "10 e", "10 c"]);
});

it("A bound that is changed counts at once", () => {
  const { begun } = staged((stage) => {
    add(stage, "10 a", "10 b", "10 c");
    expect(stage.begun).toHaveLength(2);
    stage.manager.configure({ concurrency: 3 });
    expect(stage.begun).toHaveLength(3);
  });
  expect(begun).toHaveLength(3);
});

it("A download that is paused lets the next one run, and goes on when it is resumed", () => {
  const { begun, states } = staged((stage) => {
    add(stage, "50 a", "50 b", "50 c");
    timer(10).subscribe(() => {
      stage.manager.pause([1]);
      expect(stage.states()).toEqual(["1 paused", "2 running", "3 running"]);
      stage.manager.resume([1]);
      expect(stage.states()).toEqual(["1 waiting", "2 running", "3 running"]);
    });
  });
  expect(begun).toEqual(["50 a", "50 b", "50 c", "50 a"]);
  expect(states()).toEqual(["1 completed", "2 completed", "3 completed"]);
});

it("A download is cancelled and what is here of it removed, while it runs, waits or is paused", () => {
  const { states, discarded, store } = staged((stage) => {
    add(stage, "50 a", "50 b", "50 c");
    timer(10).subscribe(() => {
      stage.manager.pause([1]);
      stage.manager.cancel([1, 2, 3], "remove");
    });
  });
  expect(states()).toEqual(["1 cancelled", "2 cancelled", "3 cancelled"]);
  expect(discarded).toEqual(["/films/a"]);
  expect(store.record?.downloads.map(({ removed }) => removed)).toEqual([true, true, true]);
});

it("A download that is removed is off the list, when it has stopped if it ran", () => {
  const { states, events, store } = staged((stage) => {
    add(stage, "50 a", "10 b", "10 c");
    timer(20).subscribe(() => stage.manager.remove([1, 2], "remove"));
  });
  expect(states()).toEqual(["3 completed"]);
  const removed = events.flatMap((event) => (event.type === "download-removed" ? [event.download] : []));
  expect(removed.toSorted()).toEqual([1, 2]);
  expect(store.record?.downloads.map(({ id }) => id)).toEqual([3]);
});

it("A download that is added again while it is being removed or paused goes on when it has stopped", () => {
  const { states } = staged((stage) => {
    add(stage, "50 slow a", "50 slow b");
    timer(10).subscribe(() => {
      stage.manager.remove([1]);
      stage.manager.pause([2]);
      add(stage, "50 slow a", "50 slow b");
    });
  });
  expect(states()).toEqual(["1 completed", "2 completed"]);
});

it("A download that is resumed while it is being paused or cancelled goes on when it has stopped", () => {
  const { states } = staged((stage) => {
    add(stage, "50 slow a", "50 slow b");
    timer(10).subscribe(() => {
      stage.manager.pause([1]);
      stage.manager.cancel([2], "remove");
      stage.manager.resume("all");
    });
  });
  expect(states()).toEqual(["1 completed", "2 completed"]);
});

it("What is here of a cancelled download is gone when the cancelling is saved", () => {
  const said: string[] = [];
  staged(({ manager, discarded, ...stage }) => {
    add({ manager, discarded, ...stage }, "50 a");
    const cancelled = timer(10).pipe(
      tap(() => {
        manager.pause([1]);
        manager.cancel([1], "remove");
      }),
      switchMap(() => manager.saved()),
    );
    cancelled.subscribe({ complete: () => said.push(...discarded) });
  });
  expect(said).toEqual(["/films/a"]);
});

it("A command for all is for those to which it applies", () => {
  const { states } = staged((stage) => {
    add(stage, "50 a", "50 b", "10 c", "fail");
    timer(10).subscribe(() => {
      stage.manager.pause("all");
      expect(stage.states()).toEqual(["1 paused", "2 paused", "3 paused", "4 paused"]);
      stage.manager.resume("all");
    });
    timer(200).subscribe(() => stage.manager.retry("all"));
  });
  expect(states()).toEqual(["1 completed", "2 completed", "3 completed", "4 failed"]);
});

it("A command that names a download which is not there changes nothing", () => {
  staged((stage) => {
    add(stage, "50 a");
    expect(() => stage.manager.pause([1, 7])).toThrow(new RangeError("there is no download 7 in the list"));
    expect(stage.states()).toEqual(["1 running"]);
  });
});

it("A Metalink of several files becomes several downloads, each of which is had again by its name", () => {
  const { states, store } = staged((stage) => add(stage, "10 a+20 b", "10 c"));
  expect(states()).toEqual(["1 completed", "2 completed", "3 completed"]);
  expect(store.record?.downloads.map(({ added }) => added.options.select)).toEqual([["10 a"], undefined, ["20 b"]]);
});

it("A download waits for its Metalink as long as that is read", () => {
  const waits: (string | undefined)[] = [];
  staged((stage) => {
    add(stage, "10 a+20 b");
    timer(1, 3)
      .pipe(take(3))
      .subscribe(() => waits.push(stage.manager.row(1).waitingFor));
  });
  expect(waits).toEqual(["metalink", "metalink", undefined]);
});

it("Downloads that ran and that waited is taken up by the next manager, those that ran first, and all else stays as it was", () => {
  const first = staged(
    (stage) => {
      add(stage, "10 a", "50 b", "50 c", "50 d", "fail");
      stage.manager.move([4], { before: 1 });
      stage.manager.pause([4]);
    },
    { pauseWhen: timer(20) },
  );
  expect(first.states()).toEqual(["4 paused", "1 completed", "2 running", "3 running", "5 waiting"]);
  const second = staged(() => undefined, { ...(first.store.record && { record: first.store.record }) });
  expect(second.begun).toEqual(["50 b", "50 c"]);
  expect(second.states()).toEqual(["4 paused", "1 completed", "2 completed", "3 completed", "5 failed"]);
  expect(first.store.held).toBe(0);
});

it("A manager ends as soon as its downloads are paused and saved, whatever else was to be saved later", () => {
  const { events } = staged((stage) => add(stage, "10 a", "50 b"), { pauseWhen: timer(20) });
  expect(events.at(-1)?.at).toBeLessThan(30);
});

it("Figures of the day count what came, what was completed and what failed", () => {
  const { manager } = staged((stage) => add(stage, "10 a", "fail"));
  expect(manager.statistics).toMatchObject([{ received: 10, completed: 1, completedBytes: 10, failed: 0 }]);
});

it("A manager that runs is refused a second time, and one that does not run takes no command", () => {
  const { manager } = staged(
    (stage) => {
      let error: unknown;
      stage.manager.events.subscribe({ error: (thrown: unknown) => (error = thrown) });
      expect(String(error)).toContain("this manager runs already");
    },
    { pauseWhen: timer(1) },
  );
  expect(() => manager.pause("all")).toThrow("nobody is subscribed to the events of the manager");
});

it("A manager that ends refuses every change, and keeps what it was told before", () => {
  const codes: unknown[] = [];
  const { store } = staged(
    (stage) => {
      add(stage, "50 a");
      const addition = defer(() => stage.manager.add([{ sources: ["10 b"] }]));
      timer(20)
        .pipe(switchMap(() => addition))
        .subscribe({ error: (error: unknown) => codes.push(error) });
      // Between the signal to end and the end, while the list is saved.
      timer(20).subscribe(() => {
        for (const command of ["pause", "resume", "cancel", "retry", "remove"] as const)
          try {
            stage.manager[command]("all");
          } catch (error) {
            codes.push(error);
          }
      });
    },
    { pauseWhen: timer(20) },
  );
  expect(codes).toEqual(Array.from({ length: 6 }, () => expect.objectContaining({ code: "ENDING" }) as unknown));
  expect(store.record?.downloads.map(({ id, state }) => `${id} ${state}`)).toEqual(["1 running"]);
});

it("Downloads that were told to stop have stopped, on the disk too, when that is told to be saved", () => {
  const kept: unknown[] = [];
  staged((stage) => {
    add(stage, "50 slow a", "50 slow b", "50 c");
    const told = (): void => void kept.push(stage.store.record?.downloads.map(({ id, state }) => `${id} ${state}`));
    const saved = defer(() => {
      stage.manager.pause([1]);
      stage.manager.remove([2]);
      return stage.manager.saved();
    });
    timer(10)
      .pipe(switchMap(() => saved))
      .subscribe({ complete: told });
  });
  expect(kept).toEqual([["1 paused", "3 running"]]);
});

it("A download of the same words as another is that one, which is tried again when it has ended", () => {
  const numbers: (readonly number[])[] = [];
  const again = (manager: DownloadManager, ...sources: readonly string[]) =>
    manager.add(sources.map((source) => ({ sources: [source] })));
  const { states, begun } = staged(({ manager }) => {
    concat(
      again(manager, "20 a", "20 a", "fail"),
      again(manager, "50 b", "50 b"),
      timer(30).pipe(switchMap(() => again(manager, "20 a", "20 a", "fail"))),
    ).subscribe((ids) => numbers.push(ids));
  });
  expect(numbers).toEqual([
    [1, 1, 2],
    [3, 3],
    [1, 1, 2],
  ]);
  expect(begun).toEqual(["20 a", "50 b", "20 a"]);
  expect(states()).toEqual(["1 completed", "2 failed", "3 completed"]);
});

it("The files of a Metalink that is added again are the same downloads, each tried again when it has ended", () => {
  const numbers: unknown[] = [];
  const again = (manager: DownloadManager) => manager.enter([{ sources: ["10 a+fail+20 b"] }, { sources: ["10 c"] }]);
  const { states, begun, store } = staged(({ manager }) => {
    concat(again(manager), timer(100).pipe(switchMap(() => again(manager)))).subscribe((ids) => numbers.push(ids));
  });
  expect(numbers).toEqual([
    { ids: [1, 2], known: [] },
    { ids: [1, 2], known: [1, 3, 4, 2] },
  ]);
  expect(begun.toSorted()).toEqual(["10 a", "10 a", "10 c", "10 c", "20 b", "20 b"]);
  expect(states()).toEqual(["1 completed", "2 completed", "3 failed", "4 completed"]);
  // The options of an entry may hold secrets.
  expect(
    Object.keys(staged(() => undefined, { record: store.record ?? expect.fail("nothing is kept") }).manager.row(1)),
  ).not.toContain("entry");
});

it.each([
  [[2], ["1 completed", "3 completed", "4 completed"], ["20 b"]],
  [[1], ["2 completed", "3 completed", "4 completed"], ["10 a"]],
  [
    [1, 3],
    ["2 completed", "4 completed", "5 completed"],
    ["10 a", "30 c"],
  ],
])(
  "Of a Metalink that is added again the files %j, which were removed, are had anew, and no other is there twice",
  (removed, expected, fetched) => {
    const again = (manager: DownloadManager) => manager.add([{ sources: ["10 a+20 b+30 c"] }]);
    const { states, begun } = staged(({ manager }) => {
      const gone = defer(() => {
        manager.remove(removed);
        return again(manager);
      });
      const steps = [
        again(manager),
        timer(200).pipe(switchMap(() => gone)),
        timer(200).pipe(switchMap(() => again(manager))),
      ];
      concat(...steps).subscribe();
    });
    expect(states()).toEqual(expected);
    // What is still there is tried again, twice; what was removed comes anew, and is tried again once.
    expect(begun.filter((name) => fetched.includes(name))).toHaveLength(3 * fetched.length);
    expect(begun).toHaveLength(9);
  },
);

it("A file of a Metalink that was had anew stays that file, and brings none with it that is removed later", () => {
  const again = (manager: DownloadManager) => manager.add([{ sources: ["10 a+20 b+30 c"] }]);
  const { states, begun } = staged(({ manager }) => {
    const anew = defer(() => {
      manager.remove([3]);
      return again(manager);
    });
    concat(again(manager), timer(200).pipe(switchMap(() => anew))).subscribe();
    timer(220).subscribe(() => {
      manager.pause([4]);
      manager.remove([1]);
    });
    timer(240).subscribe(() => manager.resume([4]));
  });
  expect(states()).toEqual(["2 completed", "4 completed"]);
  expect(begun.filter((name) => name === "30 c")).toHaveLength(3);
});

it("A file of a Metalink that is removed after others had come anew comes anew as well", () => {
  const again = (manager: DownloadManager) => manager.add([{ sources: ["10 a+20 b+30 c"] }]);
  const { states, begun } = staged(({ manager }) => {
    const without = (ids: readonly number[]) =>
      timer(200).pipe(
        switchMap(() => {
          manager.remove(ids);
          return again(manager);
        }),
      );
    concat(again(manager), without([1, 3]), without([2])).subscribe();
  });
  expect(states()).toEqual(["4 completed", "5 completed", "6 completed"]);
  expect(begun.filter((name) => name === "20 b")).toHaveLength(3);
});

it("A download that is added again, but only to be listed, stays as it is when it has ended", () => {
  const { states, begun } = staged((stage) => {
    add(stage, "10 a");
    const paused = () => stage.manager.add([{ sources: ["10 a"], paused: true }]);
    timer(30).pipe(switchMap(paused)).subscribe();
  });
  expect(begun).toEqual(["10 a"]);
  expect(states()).toEqual(["1 completed"]);
});

it("Changes that nobody waits for are saved once a second at most, and a command before it is told to be saved", () => {
  const sources = Array.from({ length: 200 }, (_, place) => `20 ${place}`);
  const paused: unknown[] = [];
  const { store, states } = staged((stage) => {
    add(stage, ...sources);
    const pausing = defer(() => {
      stage.manager.pause([200]);
      return stage.manager.saved();
    });
    timer(500)
      .pipe(switchMap(() => pausing))
      .subscribe({ complete: () => paused.push(stage.store.record?.downloads.at(-1)?.state) });
  });
  expect(states().filter((state) => state.endsWith("completed"))).toHaveLength(199);
  expect(paused).toEqual(["paused"]);
  // Of 400 beginnings and ends in two seconds, one addition and one pause.
  expect(store.saves).toBeLessThanOrEqual(8);
  expect(store.record?.downloads.filter(({ state }) => state === "completed")).toHaveLength(199);
});
