import { readFileSync } from "node:fs";
import { EMPTY, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { retryBudget } from "../../operators/retryBudget.js";
import { calculateBackoffDelay } from "../../src/download/calculateBackoffDelay.js";
import { downloadDefaults, resolveConfig } from "../../src/download/DownloadConfig.js";
import type { RetryConfig } from "../../src/download/RetryConfig.js";
import { resolveRetryConfig, retryDefaults, retryRanges } from "../../src/download/RetryConfig.js";
import { totalRetries } from "../../src/download/totalRetries.js";
import { balanced } from "../../src/peers/strategies.js";

/** What the docstrings of an interface say: option and `@default`. */
function documented(file: string, face: string): Readonly<Record<string, string>> {
  const text = readFileSync(new URL(`../../src/download/${file}`, import.meta.url), "utf8");
  const body = text.slice(text.indexOf(`export interface ${face} `)).split("\n}\n")[0] ?? "";
  const options = body.matchAll(/@default ([^\n]*?)(?:\n {2})? \*\/\s+readonly (\w+)\??:/g);
  return Object.fromEntries(Array.from(options, ([, value = "", name = ""]) => [name, value]));
}

describe("the defaults", () => {
  it("The defaults of the retry policy are those that its docstrings tell", () => {
    const { maxTotalRetries, ...rest } = documented("RetryConfig.ts", "RetryConfig");
    expect(maxTotalRetries).toBe("the larger of 24 and twice the number of chunks");
    const told = Object.fromEntries(
      Object.entries(retryDefaults).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    expect(rest).toEqual(told);
  });

  it("The defaults of a download are those that its docstrings tell", () => {
    const { pauseWhen, retry, ...rest } = documented("DownloadConfig.ts", "DownloadConfig");
    expect([pauseWhen, retry]).toEqual(["never", "retryDefaults"]);
    expect(rest).toEqual({
      strategy: '"balanced"',
      policy: '"standard"',
      parallelRetries: "true",
      failFast: "false",
      strictPermanent: "false",
    });
    const others = { retry: retryDefaults, strategy: balanced, policy: "standard", pauseWhen: undefined };
    expect(resolveConfig({})).toEqual({ ...downloadDefaults, ...others });
  });

  it("The defaults hold for what is undefined", () => {
    const given = { maxChunkRetries: undefined, jitter: 0.2 } as unknown as Partial<RetryConfig>;
    expect(resolveRetryConfig(given)).toEqual({ ...retryDefaults, jitter: 0.2 });
    expect(resolveRetryConfig()).toEqual(retryDefaults);
    const switches = { failFast: undefined } as unknown as { failFast: boolean };
    expect(resolveConfig(switches).failFast).toBe(false);
  });
});

describe("an option that cannot be", () => {
  it.each([
    [{ maxChunkRetries: -1 }, RangeError, "maxChunkRetries is -1; it must be a whole number from 0 to 1000"],
    [{ maxChunkRetries: 1.5 }, RangeError, "maxChunkRetries is 1.5; it must be a whole number from 0 to 1000"],
    [{ maxChunkRetries: "3" }, TypeError, 'maxChunkRetries is "3"; it must be a whole number from 0 to 1000'],
    [{ chunkTimeoutSecs: 0 }, RangeError, "chunkTimeoutSecs is 0; it must be a number from 0.001 to 2147483.647"],
    [
      { chunkTimeoutSecs: Number.NaN },
      RangeError,
      "chunkTimeoutSecs is NaN; it must be a number from 0.001 to 2147483.647",
    ],
    [{ maxBackoffMs: Infinity }, RangeError, "maxBackoffMs is Infinity; it must be a number from 0 to 2147483647"],
    [{ jitter: "some" }, TypeError, 'jitter is "some"; it must be "none", "full", "keyed" or a number from 0 to 1'],
    [{ jitter: 1.1 }, RangeError, 'jitter is 1.1; it must be "none", "full", "keyed" or a number from 0 to 1'],
  ])("An option with a value that cannot be, %j, is refused by name, with what it takes", (given, kind, message) => {
    const refused = (): unknown => resolveRetryConfig(given as Partial<RetryConfig>);
    expect(refused).toThrow(kind);
    expect(refused).toThrow(message);
  });

  it("An option that nobody knows is refused, and those that are known are named", () => {
    const refused = (): unknown => resolveRetryConfig({ maxRetries: 3 } as Partial<RetryConfig>);
    expect(refused).toThrow(TypeError);
    for (const name of [...Object.keys(retryRanges), "jitter", 'unknown option "maxRetries"'])
      expect(refused).toThrow(name);
    const config = { pauseWhenn: EMPTY } as object;
    expect(() => resolveConfig(config)).toThrow(
      'unknown option "pauseWhenn" of download, did you mean "pauseWhen"? known are retry, strategy, policy, pauseWhen, parallelRetries, failFast, strictPermanent',
    );
  });

  it("A switch that nobody knows, or that is no boolean, is refused", () => {
    expect(() => resolveConfig({ failFast: 1 } as object)).toThrow("failFast is 1; it must be true or false");
    expect(() => resolveConfig({ pauseWhen: 1 } as object)).toThrow(
      "pauseWhen is 1; it must be an observable of signals to pause",
    );
    expect(() => resolveConfig({ strategy: "best" } as object)).toThrow('strategy is "best"; it must be "balanced", ');
    expect(() => resolveConfig({ policy: "bold" } as object)).toThrow(
      'policy is "bold"; it must be "standard" or "adaptive"',
    );
    expect(() => resolveConfig({ retry: { jitter: -1 } })).toThrow("jitter is -1");
  });

  it("An option may be anything within its range, ends included", () => {
    for (const [name, { from, to }] of Object.entries(retryRanges)) {
      for (const value of [from, to]) expect(resolveRetryConfig({ [name]: value })).toMatchObject({ [name]: value });
    }
    for (const jitter of ["none", "full", "keyed", 0, 1] as const)
      expect(resolveRetryConfig({ jitter }).jitter).toBe(jitter);
  });
});

describe("calculateBackoffDelay", () => {
  it("calculateBackoffDelay doubles from one second to eight", () => {
    expect([1, 2, 3, 4, 5, 6].map((retry) => calculateBackoffDelay(retry))).toEqual([
      1000, 2000, 4000, 8000, 8000, 8000,
    ]);
  });

  it("calculateBackoffDelay follows the config", () => {
    const config = { initialBackoffMs: 10, backoffMultiplier: 3, maxBackoffMs: 100 };
    expect([1, 2, 3, 4].map((retry) => calculateBackoffDelay(retry, config))).toEqual([10, 30, 90, 100]);
    expect(calculateBackoffDelay(3, { jitter: "full" })).toBeLessThanOrEqual(4000);
  });

  it.each([0, -1, 1.5])("calculateBackoffDelay refuses retry %d", (retry) => {
    expect(() => calculateBackoffDelay(retry)).toThrow(RangeError);
  });
});

describe("totalRetries", () => {
  it("The total of retries ends after so many, bucket or not", () => {
    const scheduler = new VirtualTimeScheduler();
    for (const bucket of [undefined, retryBudget({ scheduler })]) {
      const budget = totalRetries(2, bucket);
      const ends: string[] = [];
      expect(budget.isSpent).toBe(false);
      const end = (how: string) => () => ends.push(how);
      for (let i = 0; i < 3; i++) budget.take().subscribe({ complete: end("taken"), error: end("refused") });
      expect(ends).toEqual(["taken", "taken", "refused"]);
      expect(budget.isSpent).toBe(true);
      expect(budget.tryTake()).toBe(true);
      budget.succeeded();
      expect(budget.tokens).toBe(bucket?.tokens ?? Infinity);
    }
  });

  it("The total of retries does not count a wait for the bucket that is given up", () => {
    const scheduler = new VirtualTimeScheduler();
    const budget = totalRetries(2, retryBudget({ capacity: 1, perSecond: 1, scheduler }));
    const ends: string[] = [];
    const take = () =>
      budget.take().subscribe({ complete: () => ends.push("taken"), error: () => ends.push("refused") });
    take();
    take().unsubscribe();
    take();
    scheduler.flush();
    take();
    expect(ends).toEqual(["taken", "taken", "refused"]);
  });
});
