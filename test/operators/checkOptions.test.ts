import { lastValueFrom, of, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { askPeers } from "../../operators/askPeers.js";
import { exponentialBackoff } from "../../operators/backoff.js";
import { hedge } from "../../operators/hedge.js";
import { mergeChunks } from "../../operators/mergeChunks.js";
import { persistProgress } from "../../operators/persistProgress.js";
import { raceLegs } from "../../operators/raceLegs.js";
import { retryBudget } from "../../operators/retryBudget.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import { stallGuard } from "../../operators/stallGuard.js";

const attempt = () => of(1);

/** Each operator with options as JavaScript may give them. */
const doors: Readonly<Record<string, (options: never) => unknown>> = {
  retryWithPeerSwitch: (options) => retryWithPeerSwitch(attempt, options),
  hedge: (options) => hedge(options),
  stallGuard: (options) => stallGuard(options),
  raceLegs: (options) => raceLegs(options),
  retryBudget: (options) => retryBudget(options),
  persistProgress: (options) => persistProgress(options),
  mergeChunks: (options) => mergeChunks(attempt, options),
  exponentialBackoff: (options) => exponentialBackoff(options),
};

describe("the options of the operators", () => {
  it.each([
    ["retryWithPeerSwitch", "maxRetry", "maxRetries"],
    ["retryWithPeerSwitch", "attemptTimeout", "attemptTimeoutMs"],
    ["retryWithPeerSwitch", "timeoutMs", "attemptTimeoutMs"],
    ["hedge", "maxExtras", "maxExtra"],
    ["stallGuard", "idle", "idleMs"],
    ["raceLegs", "backup", "backups"],
    ["retryBudget", "capcity", "capacity"],
    ["persistProgress", "every", "everyMs"],
    ["mergeChunks", "concurency", "concurrency"],
    ["exponentialBackoff", "intialMs", "initialMs"],
    ["exponentialBackoff", "MaxMs", "maxMs"],
  ])("%s refuses the option %s by name, and names %s, which is meant", (door, given, meant) => {
    expect(() => doors[door]?.({ [given]: 1 } as never)).toThrow(
      new RegExp(`^unknown option "${given}" of ${door}, did you mean "${meant}"\\? known are .*\\b${meant}\\b`),
    );
  });

  it("A name that is like none gets the list of all alone", () => {
    expect(() => retryBudget({ headers: 1 } as never)).toThrow(
      new TypeError('unknown option "headers" of retryBudget; known are capacity, perSuccess, perSecond, scheduler'),
    );
  });

  it.each(Object.keys(doors))("%s refuses options that are no object", (door) => {
    for (const options of [null, 3, "x", [1]]) {
      expect(() => doors[door]?.(options as never)).toThrow(
        new TypeError(`the options of ${door} are ${JSON.stringify(options)}; they must be an object`),
      );
    }
  });

  it("An option that is undefined is not given", () => {
    const none = { maxRetries: undefined, deadlineMs: undefined, scheduler: undefined, budget: undefined };
    const seen: number[] = [];
    of(["a"])
      .pipe(retryWithPeerSwitch(attempt, none))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual([1]);
    expect(exponentialBackoff({ jitter: undefined, random: undefined })(2)).toBe(2000);
    expect(retryBudget({ capacity: undefined }).tokens).toBe(20);
  });
});

describe("askPeers", () => {
  it("Peers in an array, a Set or a live view are asked one after the other, as often as somebody subscribes", async () => {
    const asked: string[] = [];
    const ask = (peer: string) => {
      asked.push(peer);
      if (peer === "a") throw new Error("down");
      return of(`from ${peer}`);
    };
    const result = askPeers(new Set(["a", "b"]), ask, { classify: () => "switch" });
    expect([await lastValueFrom(result), await lastValueFrom(result)]).toEqual(["from b", "from b"]);
    expect(asked).toEqual(["a", "b", "a", "b"]);
  });

  it.each([
    ["http://a", '"http://a"'],
    [new Subject(), "an object of Subject"],
    [undefined, "undefined"],
  ])("Peers that are %s are refused at the call, and in types", (peers, shown) => {
    expect(() => askPeers(peers as never, attempt)).toThrow(
      new TypeError(`the peers are ${shown}; they must be a list, such as [peerA, peerB]`),
    );
    // @ts-expect-error a string is a list of its letters
    expect(() => askPeers("http://a", attempt)).toThrow(TypeError);
  });
});
