import fc from "fast-check";
import {
  asapScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  map,
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
  VirtualTimeScheduler,
} from "rxjs";
import type { SchedulerLike } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import type { AttemptContext, AttemptFn } from "../../operators/attempt.js";
import { raceLegs } from "../../operators/raceLegs.js";
import type { Backup, Others, Race, RaceLegsConfig } from "../../operators/LegRace.js";
import { marbles } from "./marbles.js";

const contextOf = (scheduler: SchedulerLike, emit: AttemptContext<string>["emit"] = () => undefined) => ({
  attempt: 0,
  retry: 0,
  deadlineAt: Infinity,
  scheduler,
  signal: new AbortController().signal,
  backup: () => undefined,
  emit,
});
const context = contextOf(new VirtualTimeScheduler());
const none = (): Observable<never> => NEVER;

/** The race of one attempt on A, whose legs are these; who has none throws. */
function raced<T = string>(
  legs: Readonly<Record<string, Observable<T>>>,
  backups: RaceLegsConfig<string>["backups"] = none,
  config: Omit<RaceLegsConfig<string>, "backups"> = {},
): Observable<T> {
  const attempt: AttemptFn<string, T> = (peer) => {
    const leg = legs[peer];
    if (leg === undefined) throw new Error(`${peer} is unknown`);
    return leg;
  };
  const race = raceLegs<string>({ ...config, backups })(attempt);
  return defer(() => race("A", context));
}

const asBackup = (peer: string): Backup<string> => ({ peer, reason: "test" });
/** Emits a backup for each peer's name in the marbles. */
const naming = (peers: Observable<string>) => () => peers.pipe(map(asBackup));
/** The same, of legs that take over from those that run. */
const bridging = (peers: Observable<string>) => () =>
  peers.pipe(map((peer): Backup<string> => ({ ...asBackup(peer), others: "bridge" })));
/** Replaces the nth leg that dies by the nth of these. */
const replacing =
  (...peers: string[]) =>
  ({ deaths }: Race<string>): Observable<Backup<string>> => {
    const left = [...peers];
    return deaths.pipe(concatMap(() => from(left.splice(0, 1).map(asBackup))));
  };
/** Shows an error as its message and an end. */
const shown = (source: Observable<string>): Observable<string> =>
  source.pipe(catchError((error: unknown) => of(error instanceof Error ? error.message : String(error))));

describe("raceLegs with one leg", () => {
  it(
    "A race of one leg passes one, many and never on, and an error as it is",
    marbles(({ cold, expectObservable }) => {
      expectObservable(raced({ A: cold("--a|") })).toBe("--a|");
      expectObservable(raced({ A: cold("-a-(bc)-d--|") })).toBe("-a-(bc)-d--|");
      expectObservable(raced({ A: cold("-") })).toBe("-");
      expectObservable(raced({ A: cold("---#", undefined, "mine") })).toBe("---#", undefined, "mine");
      expectObservable(raced({ A: cold("-a-#", undefined, "mine") })).toBe("-a-#", undefined, "mine");
    }),
  );

  it(
    "An end without a value is the death of a leg",
    marbles(({ cold, expectObservable }) => {
      expectObservable(shown(raced({ A: cold("--|") }))).toBe("--(e|)", { e: "the leg completed without a value" });
    }),
  );

  it(
    "An attempt that throws is the death of a leg",
    marbles(({ cold, expectObservable }) => {
      expectObservable(shown(raced({}))).toBe("(e|)", { e: "A is unknown" });
      expectObservable(raced({ B: cold("--b|") }, replacing("B"))).toBe("--b|");
    }),
  );

  it(
    "A race waits for nobody when backups completes",
    marbles(({ cold, expectObservable }) => {
      expectObservable(raced({ A: cold("---a|") }, () => EMPTY)).toBe("---a|");
    }),
  );

  it("Promises and iterables are taken as legs", () => {
    const seen: number[] = [];
    const attempt = raceLegs<string>({ backups: none })(() => [1, 2, 3]);
    from(attempt("A", context)).subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("raceLegs with two legs", () => {
  it(
    "The first value of a backup overtakes a slow start",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-----------a--|"), cold("   --b---c|")];
      expectObservable(raced({ A: a, B: b }, naming(cold("---B")))).toBe("-----b---c|");
      expectSubscriptions(a.subscriptions).toBe("^----!");
      expectSubscriptions(b.subscriptions).toBe("---^------!");
    }),
  );

  it(
    "A first leg that begins cancels the backup",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("----a--c|"), cold("  -----b|")];
      expectObservable(raced({ A: a, B: b }, naming(cold("--B")))).toBe("----a--c|");
      expectSubscriptions(a.subscriptions).toBe("^-------!");
      expectSubscriptions(b.subscriptions).toBe("--^-!");
    }),
  );

  it(
    "A take-over cancels the leg that was delivering only with its own first value",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-a--a--a--a--a"), cold("     ----b--c|")];
      expectObservable(raced({ A: a, B: b }, naming(cold("-----B")))).toBe("-a--a--a-b--c|");
      expectSubscriptions(a.subscriptions).toBe("^--------!");
      expectSubscriptions(b.subscriptions).toBe("-----^-------!");
    }),
  );

  it(
    "A first value that comes late does not cancel the leg for which it is a bridge, whose own first value decides",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("----a--a--a"), cold("  ------b--c|")];
      expectObservable(raced({ A: a, B: b }, bridging(cold("--B")))).toBe("----a--ab--c|");
      expectSubscriptions(a.subscriptions).toBe("^-------!");
      expectSubscriptions(b.subscriptions).toBe("--^---------!");
    }),
  );

  it(
    "A leg that is a bridge goes on when the one that comes to take over dies, and ends the race when it is done first",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(raced({ A: cold("----a--c|"), B: cold("---#") }, bridging(cold("--B")))).toBe("----a--c|");
      const b = cold("  ---------b");
      expectObservable(raced({ A: cold("----a-|"), B: b }, bridging(cold("--B")))).toBe("----a-|");
      expectSubscriptions(b.subscriptions).toBe("--^---!");
    }),
  );

  it(
    "A first value of a leg that came to race leaves a younger one alone that takes over, and cancels those before it",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c] = [cold("-"), cold(" ----b-b-b"), cold("  ------c|")];
      const backups = () => merge(naming(cold("-B"))(), bridging(cold("--C"))());
      expectObservable(raced({ A: a, B: b, C: c }, backups, { maxLiving: 3 })).toBe("-----b-bc|");
      expectSubscriptions(a.subscriptions).toBe("^----!");
      expectSubscriptions(b.subscriptions).toBe("-^------!");
      expectSubscriptions(c.subscriptions).toBe("--^------!");
    }),
  );

  it(
    "A race ends with a leg that completes after its value, and cancels the one that comes to take over",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-a---|"), cold("   -----b")];
      expectObservable(raced({ A: a, B: b }, naming(cold("---B")))).toBe("-a---|");
      expectSubscriptions(b.subscriptions).toBe("---^-!");
    }),
  );

  it(
    "A tie between legs goes to the older",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("-----a|"), cold("   --b|")];
      expectObservable(raced({ A: a, B: b }, naming(cold("---B")))).toBe("-----a|");
      expectSubscriptions(b.subscriptions).toBe("---^-!");
      expectObservable(raced({ A: of("a"), B: of("b") }, naming(of("B")))).toBe("(a|)");
    }),
  );

  it(
    "A race goes on with either leg when the other dies",
    marbles(({ cold, expectObservable }) => {
      const b = naming(cold("--B"));
      expectObservable(raced({ A: cold("---#"), B: cold("   --b|") }, b)).toBe("----b|");
      expectObservable(raced({ A: cold("---|"), B: cold("   --b|") }, b)).toBe("----b|");
      expectObservable(raced({ A: cold("-a---c|"), B: cold("-#") }, b)).toBe("-a---c|");
      expectObservable(raced({ A: cold("-a--#"), B: cold("  ----b|") }, b)).toBe("-a----b|");
    }),
  );

  it(
    "A dead leg is replaced at once by what is emitted in answer",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c] = [cold("--#"), cold("  -|"), cold("   ---c|")];
      expectObservable(raced({ A: a, B: b, C: c }, replacing("B", "C"))).toBe("------c|");
      expectSubscriptions(b.subscriptions).toBe("--^!");
      expectSubscriptions(c.subscriptions).toBe("---^---!");
    }),
  );

  it(
    "A peer whose leg has died may be started again",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("--#");
      expectObservable(shown(raced({ A: a }, replacing("A")))).toBe("----(e|)", { e: "error" });
      expectSubscriptions(a.subscriptions).toBe(["^-!", "--^-!"]);
    }),
  );

  it(
    "A race errors with the last error when all legs have died, or with the one that worst chooses",
    marbles(({ cold, expectObservable }) => {
      const legs = { A: cold("---#", undefined, "first"), B: cold("   --#", undefined, "second") };
      expectObservable(raced(legs, naming(cold("--B")))).toBe("----#", undefined, "second");
      expectObservable(raced(legs, naming(cold("--B")), { worst: (errors) => errors.join() })).toBe(
        "----#",
        undefined,
        "first,second",
      );
      expectObservable(raced(legs, replacing("B"), { worst: ([first]) => first })).toBe("-----#", undefined, "first");
    }),
  );

  it(
    "A race never runs two legs on one peer",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("------a|"), cold("  ------b|")];
      expectObservable(raced({ A: a, B: b }, naming(cold("-AB-B")), { maxLiving: 9 })).toBe("------a|");
      expectSubscriptions(a.subscriptions).toBe("^------!");
      expectSubscriptions(b.subscriptions).toBe("--^---!");
    }),
  );

  it(
    "A backup beyond maxLiving is ignored",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [c, d] = [cold("-"), cold("----d|")];
      const legs = { A: cold("---#"), B: cold("-"), C: c, D: d };
      expectObservable(raced(legs, naming(cold("-BC-D")))).toBe("--------d|");
      expectSubscriptions(c.subscriptions).toBe([]);
      expectObservable(raced({ ...legs, C: cold("-c|") }, naming(cold("-BC")), { maxLiving: 3 })).toBe("---c|");
      expectObservable(raced({ A: cold("---a|"), B: cold("b|") }, naming(cold("-B")), { maxLiving: 1 })).toBe("---a|");
    }),
  );

  it(
    "Unsubscribing from a race stops legs and backups",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, backups] = [cold("-----a"), cold(" -----b"), cold("-B-------")];
      expectObservable(raced({ A: a, B: b }, naming(backups)), "^--!").toBe("-");
      expectSubscriptions(a.subscriptions).toBe("^--!");
      expectSubscriptions(b.subscriptions).toBe("-^-!");
      expectSubscriptions(backups.subscriptions).toBe("^--!");
    }),
  );

  it(
    "A race that ends, well or badly, stops backups",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [well, badly] = [cold("----------"), cold("----------")];
      expectObservable(raced({ A: cold("--a|") }, naming(well))).toBe("--a|");
      expectObservable(raced({ A: cold("--#") }, naming(badly))).toBe("--#");
      expectSubscriptions(well.subscriptions).toBe("^--!");
      expectSubscriptions(badly.subscriptions).toBe("^-!");
    }),
  );

  it(
    "Each subscriber has a race of its own",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("--#"), cold("  --b|")];
      const result = raced({ A: a, B: b }, replacing("B"));
      expectObservable(result).toBe("----b|");
      expectObservable(result, "---^").toBe("-------b|");
      expectSubscriptions(a.subscriptions).toBe(["^-!", "---^-!"]);
      expectSubscriptions(b.subscriptions).toBe(["--^--!", "-----^--!"]);
    }),
  );
});

describe("what backups sees of a race", () => {
  it(
    "The function for backups sees the peer, the context, the legs that live and whether the race has begun",
    marbles(({ cold, expectObservable, flush }) => {
      const seen: unknown[] = [];
      const backups = (race: Race<string>): Observable<Backup<string>> => {
        const note = (): void => void seen.push([race.peer, race.context === context, race.living, race.begun]);
        note();
        const looks = cold("-x--x--x-x").pipe(tap(note), ignoreElements());
        return merge(looks, naming(cold("---B"))());
      };
      expectObservable(raced({ A: cold("-----a---b|"), B: cold("-") }, backups)).toBe("-----a---b|");
      flush();
      expect(seen).toEqual([
        ["A", true, 0, false],
        ["A", true, 1, false],
        ["A", true, 2, false],
        ["A", true, 1, true],
        ["A", true, 1, true],
      ]);
    }),
  );

  it(
    "The function for backups sees each first value and each death, the last one too",
    marbles(({ cold, expectObservable, flush }) => {
      const told: unknown[] = [];
      const backups = (race: Race<string>): Observable<Backup<string>> =>
        merge(
          race.firstValues.pipe(
            tap((peer) => told.push(["began", peer, race.living])),
            ignoreElements(),
          ),
          race.deaths.pipe(
            tap(({ peer, error }) => told.push(["died", peer, error, race.living])),
            ignoreElements(),
          ),
          naming(cold("--B"))(),
        );
      const legs = { A: cold("-a-#", undefined, "x"), B: cold("   --b-b#", undefined, "y") };
      expectObservable(raced(legs, backups)).toBe("-a--b-b#", undefined, "y");
      flush();
      expect(told).toEqual([
        ["began", "A", 1],
        ["died", "A", "x", 1],
        ["began", "B", 1],
        ["died", "B", "y", 0],
      ]);
    }),
  );

  let log: string[] = [];
  beforeEach(() => (log = []));
  /** Writes down when it is asked and torn down. */
  const ending = (name: string, leg: Observable<string>): Observable<string> =>
    new Observable((subscriber) => {
      log.push(`${name} asked`);
      subscriber.add(() => log.push(`${name} torn down`));
      return leg.subscribe(subscriber);
    });

  it("A death is told after the leg's teardown, and a first value before it is passed on", () => {
    const a = new Subject<string>();
    const backups = (race: Race<string>): Observable<Backup<string>> =>
      merge(
        race.deaths.pipe(map(({ peer }) => (log.push(`${peer} died`), asBackup("B")))),
        race.firstValues.pipe(
          tap((peer) => log.push(`${peer} began`)),
          ignoreElements(),
        ),
      );
    raced({ A: ending("A", a), B: ending("B", of("b")) }, backups).subscribe({
      next: (value) => log.push(value),
      complete: () => log.push("complete"),
    });
    a.error("x");
    expect(log).toEqual(["A asked", "A torn down", "A died", "B asked", "B began", "b", "B torn down", "complete"]);
  });

  it("Before an end is told, the race is over and every leg torn down", () => {
    const [a, rescue] = [new Subject<string>(), new Subject<string>()];
    const freeing = (name: string, leg: Observable<string>): Observable<string> =>
      new Observable((subscriber) => {
        // The slot that becomes free is offered to this very race.
        subscriber.add(() => rescue.next("C"));
        return ending(name, leg).subscribe(subscriber);
      });
    const legs = { A: freeing("A", a), B: freeing("B", NEVER), C: ending("C", NEVER) };
    raced(legs, naming(rescue), { maxLiving: 9 }).subscribe({ complete: () => log.push("complete") });
    a.next("a");
    rescue.next("B");
    a.complete();
    expect(log).toEqual(["A asked", "B asked", "B torn down", "A torn down", "complete"]);
    expect(rescue.observed).toBe(false);
  });

  it("Before the error of backups is told, the race is over and every leg torn down", () => {
    const rescue = new Subject<string>();
    raced({ A: ending("A", NEVER), B: ending("B", NEVER) }, naming(rescue)).subscribe({
      error: (error: unknown) => log.push(String(error)),
    });
    rescue.next("B");
    rescue.error("x");
    expect(log).toEqual(["A asked", "B asked", "A torn down", "B torn down", "x"]);
  });

  it("No death is told of a leg that was overtaken while it was torn down", () => {
    const [a, b] = [new Subject<string>(), new Subject<string>()];
    const overtaken = new Observable<string>((subscriber) => {
      subscriber.add(() => b.next("b"));
      return a.subscribe(subscriber);
    });
    const backups = (race: Race<string>): Observable<Backup<string>> => merge(naming(of("B"))(), replacing("C")(race));
    const legs = { A: overtaken, B: b, C: ending("C", NEVER) };
    raced(legs, backups).subscribe((value) => log.push(value));
    a.error("x");
    b.next("b'");
    expect(log).toEqual(["b", "b'"]);
  });

  it("A race asks for no worst error when nobody wants one", () => {
    const asked: unknown[] = [];
    const worst = (errors: readonly unknown[]): unknown => asked.push(errors);
    const legs = {
      A: throwError(() => "x"),
      B: concat(
        of("b"),
        throwError(() => "y"),
      ),
    };
    raced(legs, replacing("B"), { worst }).pipe(take(1)).subscribe();
    expect(asked).toEqual([]);
  });

  it("A leg that is asked for in answer to a first value starts after that value", () => {
    const a = new Subject<string>();
    const backups = ({ firstValues }: Race<string>): Observable<Backup<string>> =>
      firstValues.pipe(map((peer) => asBackup(peer === "A" ? "B" : "C")));
    raced({ A: a, B: concat(of("b1", "b2"), NEVER), C: NEVER }, backups).subscribe((value) => log.push(value));
    a.next("a1");
    a.next("a2");
    expect([log, a.observed]).toEqual([["a1", "b1", "b2"], false]);
  });

  it("Nothing starts in the middle of a cancelling", () => {
    const [b, rescue] = [new Subject<string>(), new Subject<string>()];
    const freeing = new Observable<string>((subscriber) => {
      subscriber.add(() => rescue.next("C"));
      return ending("A", NEVER).subscribe(subscriber);
    });
    raced({ A: freeing, B: b, C: ending("C", of("c")) }, naming(merge(of("B"), rescue))).subscribe((v) => log.push(v));
    b.next("b");
    expect(log).toEqual(["A asked", "A torn down", "b", "C asked", "c", "C torn down"]);
  });
});

describe("raceLegs tells", () => {
  it(
    "A race tells each backup that starts, with the peer of the leg before, and no other",
    marbles(({ cold, scheduler, expectObservable, flush }) => {
      const events: unknown[] = [];
      const values = {
        b: { peer: "B", reason: "slow-first-byte" },
        c: { peer: "C", reason: "dead" },
        x: { peer: "A", reason: "ignored" },
      };
      const attempt = raceLegs<string>({ backups: () => cold("-xb-c-b", values) })((peer) =>
        cold({ A: "------------a|", B: "-#", C: "-" }[peer] ?? "#"),
      );
      const result = attempt(
        "A",
        contextOf(scheduler, (event) => events.push(event)),
      );
      expectObservable(from(result)).toBe("------------a|");
      flush();
      expect(events).toEqual([
        { type: "hedge", primary: "A", backup: "B", reason: "slow-first-byte" },
        { type: "hedge", primary: "B", backup: "C", reason: "dead" },
      ]);
    }),
  );
});

describe("the primary of a second leg", () => {
  it("A peer that died and is asked once more is told beside the leg that lives, not beside itself", () => {
    const [wanted, events] = [new Subject<{ peer: string; reason: string }>(), [] as unknown[]];
    const [first, again] = [new Subject<string>(), NEVER];
    const ofB = [first, again];
    const attempt = raceLegs<string>({ backups: () => wanted })<string>((peer) =>
      peer === "A" ? NEVER : (ofB.shift() ?? NEVER),
    );
    const context = contextOf(asapScheduler, (event) => events.push(event));
    from(attempt("A", context)).subscribe();
    wanted.next({ peer: "B", reason: "slow-first-byte" });
    first.error(new Error("gone"));
    wanted.next({ peer: "B", reason: "take-over" });
    expect(events).toEqual([
      { type: "hedge", primary: "A", backup: "B", reason: "slow-first-byte" },
      { type: "hedge", primary: "A", backup: "B", reason: "take-over" },
    ]);
  });
});

describe("a callback of raceLegs that throws", () => {
  const mine = new Error("mine");
  const thrower = (): never => {
    throw mine;
  };

  it(
    "A callback of a race that throws errors the attempt and cancels its legs",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b] = [cold("------a"), cold("------b")];
      expectObservable(raced({ A: a }, thrower)).toBe("#", undefined, mine);
      expectSubscriptions(a.subscriptions).toBe([]);
      expectObservable(
        raced({ A: b }, () =>
          concat(
            timer(3),
            throwError(() => mine),
          ).pipe(map(thrower)),
        ),
      ).toBe("---#", undefined, mine);
      expectSubscriptions(b.subscriptions).toBe("^--!");
      expectObservable(raced({ A: cold("--#") }, none, { worst: thrower })).toBe("--#", undefined, mine);
    }),
  );

  it(
    "Backups that error are the attempt's error",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold("-a---");
      expectObservable(raced({ A: a }, naming(cold("---#", undefined, mine)))).toBe("-a-#", undefined, mine);
      expectSubscriptions(a.subscriptions).toBe("^--!");
    }),
  );

  it("A context that cannot be told errors the attempt", () => {
    const errors: unknown[] = [];
    const attempt = raceLegs<string>({ backups: naming(of("B")) })(none);
    from(attempt("A", contextOf(new VirtualTimeScheduler(), thrower))).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    expect(errors).toEqual([mine]);
  });
});

describe("raceLegs with synchronous sources", () => {
  /** Emits for ever, and counts what it made. */
  const endless = (made: { count: number }): Observable<string> =>
    new Observable((subscriber) => {
      while (!subscriber.closed) subscriber.next(String(made.count++));
    });

  it("A synchronous first leg, and a backup, that nobody wants any more are stopped", () => {
    const made = { count: 0 };
    const seen: string[] = [];
    raced({ A: endless(made) })
      .pipe(take(3))
      .subscribe((value) => seen.push(value));
    raced({ A: NEVER, B: endless(made) }, naming(of("B")))
      .pipe(take(2))
      .subscribe((value) => seen.push(value));
    expect([seen, made.count]).toEqual([["0", "1", "2", "3", "4"], 5]);
  });

  it("No backup starts for someone who leaves when it is told of it", () => {
    const asked: string[] = [];
    const wanted = new Subject<string>();
    const left = new Subject<void>();
    const attempt: AttemptFn<string, string> = (peer) => {
      asked.push(peer);
      return NEVER;
    };
    const leaving = contextOf(new VirtualTimeScheduler(), () => left.next());
    const race = raceLegs<string>({ backups: naming(wanted) })(attempt)("A", leaving);
    from(race).pipe(takeUntil(left)).subscribe();
    wanted.next("B");
    expect(asked).toEqual(["A"]);
  });

  it("The attempt's own peer starts before a backup that is there at once", () => {
    const asked: string[] = [];
    const asking = (peer: string, leg: Observable<string>): Observable<string> =>
      defer(() => {
        asked.push(peer);
        return leg;
      });
    const seen: string[] = [];
    raced(
      {
        A: asking(
          "A",
          throwError(() => "x"),
        ),
        B: asking("B", of("b")),
      },
      naming(of("B")),
    ).subscribe((value) => seen.push(value));
    expect([asked, seen]).toEqual([["A", "B"], ["b"]]);
  });

  it("A hundred thousand deaths of legs do not grow the stack", () => {
    let asked = 0;
    const attempt = raceLegs<number>({
      backups: ({ deaths }) => deaths.pipe(map(({ peer }) => ({ peer: peer + 1, reason: "dead" }))),
    })((peer) => {
      asked += 1;
      return peer < 100_000 ? throwError(() => peer) : of("v");
    });
    const seen: unknown[] = [];
    from(attempt(0, { ...context, backup: () => undefined, emit: () => undefined })).subscribe((v) => seen.push(v));
    expect([seen, asked]).toEqual([["v"], 100_001]);
  });
});

describe("raceLegs at the call", () => {
  it.each([0, NaN, -1])("A race refuses maxLiving %d at the call", (maxLiving) => {
    expect(() => raceLegs({ backups: none, maxLiving })).toThrow(
      new RangeError(`maxLiving is ${maxLiving}, expected a number of at least 1`),
    );
  });
});

describe("whatever happens, raceLegs", () => {
  const delay = fc.constantFrom(0, 0, 1, 2, 3, 7);
  const script = fc.record({
    /** How each leg goes, in the order of their starts: pauses before each value, then before the end. */
    legs: fc.array(
      fc.record({
        pauses: fc.array(delay, { maxLength: 4 }),
        lastPause: delay,
        ends: fc.constantFrom("error", "complete", "hang"),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    timed: fc.array(fc.record({ at: delay, peer: fc.nat(4) }), { maxLength: 12 }),
    /** What the timed backups make of the others. */
    others: fc.constantFrom<Others>("race", "bridge", "stop"),
    replacements: fc.array(fc.nat(4), { maxLength: 6 }),
    maxLiving: fc.integer({ min: 1, max: 4 }),
    wanted: fc.constantFrom(1, 2, Infinity),
    stopAt: fc.constantFrom(0, 4, 1000),
  });

  it("Whatever happens, a race keeps within maxLiving and one leg a peer, hears only living legs, and leaves nothing behind", () => {
    fc.assert(
      fc.property(script, ({ legs, timed, others, replacements, maxLiving, wanted, stopAt }) => {
        const scheduler = new VirtualTimeScheduler();
        const after = (ms: number): Observable<unknown> => (ms === 0 ? of(0) : timer(ms, scheduler));
        const left = [...replacements];
        const open = new Map<number, number>();
        const begun = new Set<number>();
        let started = 0;
        let endings = 0;
        let stopped = false;
        /** What throws inside a stream would be taken for the stream's own error. */
        const broken: string[] = [];
        const require = (law: string, holds: boolean): void => {
          if (!holds) broken.push(law);
        };

        const attempt = (peer: number): Observable<number> => {
          const id = started++;
          const leg = legs[id];
          return new Observable((subscriber) => {
            require("no start after the end", !stopped && endings === 0);
            require("one leg a peer", !open.has(peer));
            open.set(peer, id);
            require("no more than maxLiving", open.size <= maxLiving);
            subscriber.add(() => open.delete(peer));
            if (leg === undefined) return;
            const values = from(leg.pauses).pipe(concatMap((ms) => after(ms).pipe(map(() => id))));
            const end: Observable<never> = { error: throwError(() => `leg ${id}`), complete: EMPTY, hang: NEVER }[
              leg.ends
            ];
            return concat(values, after(leg.lastPause).pipe(ignoreElements()), end).subscribe(subscriber);
          });
        };
        const race = raceLegs<number>({
          maxLiving,
          backups: ({ deaths }) =>
            merge(
              from(timed).pipe(
                concatMap(({ at, peer }) => after(at).pipe(map(() => ({ peer, reason: "law", others })))),
              ),
              deaths.pipe(concatMap(() => from(left.splice(0, 1)).pipe(map((peer) => ({ peer, reason: "law" }))))),
            ),
        })(attempt);

        const subscription = from(race(0, { ...context, backup: () => undefined, emit: () => undefined }))
          .pipe(take(wanted))
          .subscribe({
            next: (id) => {
              require("values of living legs only", [...open.values()].includes(id));
              const rest = [...open.values()].filter((other) => other !== id);
              require("a first value cancels the others", begun.has(id) || others === "bridge" || rest.length === 0);
              require("whoever is left is younger, and has not begun", rest.every((o) => o > id && !begun.has(o)));
              begun.add(id);
            },
            error: () => {
              require("an error only when all are dead", open.size === 0);
              endings++;
            },
            complete: () => endings++,
          });
        scheduler.schedule(() => {
          subscription.unsubscribe();
          stopped = true;
          require("unsubscribing stops all", open.size === 0);
        }, stopAt);
        scheduler.flush();
        require("one end", endings <= 1);
        require("nothing left", open.size === 0);
        expect(broken).toEqual([]);
        expect(scheduler.actions).toHaveLength(0);
      }),
      { numRuns: 2000 },
    );
  });
});
