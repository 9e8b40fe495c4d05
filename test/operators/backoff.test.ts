import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Complete } from "../../operators/checkOptions.js";
import { exponentialBackoff } from "../../operators/backoff.js";
import type { ExponentialBackoffConfig } from "../../operators/backoff.js";
import { defaultRandom, defaults } from "../../operators/defaults.js";

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const positiveMs = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const retryNumber = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));

describe("exponentialBackoff", () => {
  it("An exponential backoff waits 1, 2, 4, 8, 8 s by default", () => {
    expect([1, 2, 3, 4, 5].map((retry) => exponentialBackoff()(retry))).toEqual([1000, 2000, 4000, 8000, 8000]);
  });

  it("An option of a backoff that is undefined is one that is not given", () => {
    expect(exponentialBackoff({ initialMs: undefined })(1)).toBe(1000);
  });

  it.each([
    [1, 100],
    [2, 300],
    [3, 900],
    [4, 1000],
  ])("Before retry %i with 100 ms, times 3, up to 1 s, a backoff waits %i ms", (retry, delayMs) => {
    expect(exponentialBackoff({ initialMs: 100, multiplier: 3, maxMs: 1000 })(retry)).toBe(delayMs);
  });

  it("A backoff stays constant with a multiplier of 1, and at the cap when the first delay is above it", () => {
    expect(exponentialBackoff({ multiplier: 1 })(1e300)).toBe(1000);
    expect(exponentialBackoff({ initialMs: 5000, maxMs: 300 })(1)).toBe(300);
  });

  it("A backoff does not overflow for huge retries", () => {
    expect(exponentialBackoff()(1e308)).toBe(8000);
    expect(exponentialBackoff({ initialMs: 0 })(1e308)).toBe(0);
    expect(exponentialBackoff({ multiplier: Number.MAX_VALUE })(3)).toBe(8000);
  });

  it.each([
    [0, 0],
    [0.5, 2000],
    [0.999, 3996],
  ])("Full jitter with chance %d draws %i of 4,000 ms", (drawn, delayMs) => {
    expect(exponentialBackoff({ jitter: "full", random: () => drawn })(3)).toBe(delayMs);
  });

  it.each([
    [0, 800],
    [0.5, 1000],
    [1, 1200],
  ])("A jitter ratio of 0.2 with chance %d draws %i around 1,000 ms", (drawn, delayMs) => {
    expect(exponentialBackoff({ jitter: 0.2, random: () => drawn })(1)).toBe(delayMs);
  });

  it("Jitter still spreads delays that reach the cap", () => {
    const at = (drawn: number) => exponentialBackoff({ jitter: 0.5, random: () => drawn })(9);
    expect([at(0), at(0.5), at(1)]).toEqual([4000, 6000, 8000]);
  });

  it("Keyed jitter is a pure function of key and retry, and spreads over all of the delay", () => {
    const keyed = exponentialBackoff({ jitter: "keyed" });
    const delays = Array.from({ length: 1000 }, (_, key) => keyed(4, { key }));
    expect(delays).toEqual(delays.map((_, key) => exponentialBackoff({ jitter: "keyed" })(4, { key })));
    for (let tenth = 0; tenth < 10; tenth++) {
      const inTenth = delays.filter((delayMs) => Math.floor(delayMs / 800) === tenth);
      expect(inTenth.length).toBeGreaterThan(60);
      expect(inTenth.length).toBeLessThan(140);
    }
  });

  it("Keyed jitter tells retries and keys beyond 2^32 apart, and takes a missing key for 0", () => {
    const keyed = exponentialBackoff({ jitter: "keyed" });
    expect(keyed(4, { key: 7 })).not.toBe(keyed(5, { key: 7 }));
    expect(keyed(1, { key: 2 ** 40 })).not.toBe(keyed(1, { key: 0 }));
    expect(keyed(1)).toBe(keyed(1, { key: 0 }));
  });

  it("A backoff draws from the default chance when none is injected", () => {
    const drawn = exponentialBackoff({ jitter: "full" })(1);
    expect(drawn).toBeGreaterThanOrEqual(0);
    expect(drawn).toBeLessThan(1000);
    expect(defaultRandom()).toBeLessThan(1);
  });

  it("A backoff is never negative and never above the cap", () => {
    fc.assert(
      fc.property(
        fc.record({
          initialMs: positiveMs,
          multiplier: fc.double({ min: 1, max: 1e6, noNaN: true }),
          maxMs: positiveMs,
          jitter: fc.oneof(fc.constantFrom("none", "full", "keyed"), fc.double({ min: 0, max: 1, noNaN: true })),
          random: chance.map((drawn) => () => drawn),
        }),
        retryNumber,
        fc.integer(),
        (config: Complete<ExponentialBackoffConfig>, retry, key) => {
          const delayMs = exponentialBackoff(config)(retry, { key });
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(config.maxMs);
        },
      ),
    );
  });

  it("A jitter ratio keeps a delay within that ratio of the delay without jitter", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), chance, retryNumber, (jitter, drawn, retry) => {
        const base = exponentialBackoff()(retry);
        const delayMs = exponentialBackoff({ jitter, random: () => drawn })(retry);
        expect(delayMs).toBeGreaterThanOrEqual(base * (1 - jitter));
        expect(delayMs).toBeLessThanOrEqual(base * (1 + jitter));
      }),
    );
  });

  it.each([
    [{ initialMs: NaN }, "initialMs is NaN; it must be a number from 0 to 2147483647"],
    [{ initialMs: -1 }, "initialMs is -1; it must be a number from 0 to 2147483647"],
    [{ multiplier: 0.5 }, "multiplier is 0.5; it must be a number from 1 to 1.7976931348623157e+308"],
    [{ multiplier: Infinity }, "multiplier is Infinity; it must be a number from 1 to 1.7976931348623157e+308"],
    [{ maxMs: 2 ** 31 }, "maxMs is 2147483648; it must be a number from 0 to 2147483647"],
    [{ jitter: 1.5 }, 'jitter is 1.5; it must be "none", "full", "keyed" or a number from 0 to 1'],
  ])("A backoff refuses %j", (config, message) => {
    expect(() => exponentialBackoff(config)).toThrow(new RangeError(message));
  });

  it("A backoff refuses a number that is a text, and a jitter that is none", () => {
    const config = { initialMs: "1" as unknown as number };
    const isText = 'initialMs is "1"; it must be a number from 0 to 2147483647';
    expect(() => exponentialBackoff(config)).toThrow(new TypeError(isText));
    const isNone = 'jitter is "some"; it must be "none", "full", "keyed" or a number from 0 to 1';
    expect(() => exponentialBackoff({ jitter: "some" as "full" })).toThrow(new TypeError(isNone));
  });

  it.each([0, -1, 1.5, NaN, Infinity])("A backoff refuses retry %d", (retry) => {
    const message = `retry is ${retry}; it must be a whole number, at least 1`;
    expect(() => exponentialBackoff()(retry)).toThrow(new RangeError(message));
  });

  it.each([NaN, -0.1, 1.1])("A backoff refuses a chance of %d", (drawn) => {
    const message = `random() is ${drawn}; it must be a number from 0 to 1`;
    expect(() => exponentialBackoff({ jitter: "full", random: () => drawn })(1)).toThrow(new RangeError(message));
  });

  it("A backoff has the documented defaults", () => {
    expect(defaults).toEqual({
      maxRetries: 3,
      samePeerRetries: 2,
      attemptTimeoutMs: 60_000,
      deadlineMs: 300_000,
      backoff: { initialMs: 1000, multiplier: 2, maxMs: 8000, jitter: "none" },
      budget: { capacity: 20, perSuccess: 0.2, perSecond: 1 },
      health: { failureThreshold: 3, firstBlacklistMs: 30_000, blacklistMs: 300_000 },
    });
  });
});
