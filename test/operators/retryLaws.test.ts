import fc from "fast-check";
import { concat, EMPTY, Observable, of, throwError, timer, VirtualTimeScheduler } from "rxjs";
import { ignoreElements } from "rxjs";
import { describe, expect, it } from "vitest";
import { retryBudget } from "../../operators/retryBudget.js";
import type { RetryEvent, RetryVerdict } from "../../operators/RetryEvent.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { RetryWithPeerSwitchConfig } from "../../operators/RetryWithPeerSwitchConfig.js";

/** What happens to one attempt: how it ends, how late, and who can be asked from then on. */
interface Step {
  readonly ends: RetryVerdict | "value" | "empty";
  readonly afterMs: number;
  readonly peers: readonly number[];
}

interface Run {
  readonly asked: readonly number[];
  readonly events: readonly RetryEvent<number>[];
  readonly endings: readonly string[];
  readonly endedAt: number;
}

/** Plays a script in virtual time; attempts beyond it hang. */
function play(script: readonly Step[], config: RetryWithPeerSwitchConfig<number>): Run {
  const scheduler = new VirtualTimeScheduler();
  const asked: number[] = [];
  const events: RetryEvent<number>[] = [];
  const endings: string[] = [];
  let endedAt = NaN;
  let here = [0, 1, 2];
  let open = 0;
  const attempt = (peer: number): Observable<string> => {
    const step = script[asked.length];
    asked.push(peer);
    expect((open += 1)).toBe(1);
    return new Observable<string>((subscriber) => {
      subscriber.add(() => (open -= 1));
      if (step === undefined) return;
      const answer = step.ends === "value" ? of("v") : step.ends === "empty" ? EMPTY : throwError(() => step.ends);
      const ending = concat(timer(step.afterMs, scheduler).pipe(ignoreElements()), answer);
      here = [...step.peers];
      return (step.afterMs === 0 ? answer : ending).subscribe(subscriber);
    });
  };
  const end = (how: string) => () => {
    endings.push(how);
    endedAt = scheduler.now();
  };
  concat(of({ [Symbol.iterator]: () => here[Symbol.iterator]() }))
    .pipe(
      retryWithPeerSwitch<number, string>(attempt, {
        scheduler,
        classify: (error) => (typeof error === "string" ? (error as RetryVerdict) : "retry"),
        onEvent: (event) => events.push(event),
        ...config,
      }),
    )
    .subscribe({ error: end("error"), complete: end("complete") });
  scheduler.flush();
  expect(open).toBe(0);
  return { asked, events, endings, endedAt };
}

const stepEnding = (...ends: Step["ends"][]): fc.Arbitrary<Step> =>
  fc.record({
    ends: fc.constantFrom(...ends),
    afterMs: fc.constantFrom(0, 0, 1, 500, 59_999, 60_000, 70_000),
    peers: fc.subarray([0, 1, 2, 3, 4], { minLength: 0 }),
  });
const anyStep = stepEnding("value", "empty", "retry", "retry", "switch", "continue", "fail");
const counts = fc.record({
  maxRetries: fc.integer({ min: 0, max: 6 }),
  samePeerRetries: fc.integer({ min: 0, max: 4 }),
  deadlineMs: fc.constantFrom(0, 1, 10_000, 300_000),
});

describe("whatever happens, retryWithPeerSwitch", () => {
  it("When all failures are transient, peers are asked at most once more than may be retried", () => {
    fc.assert(
      fc.property(fc.array(stepEnding("retry", "empty")), counts, (script, config) => {
        expect(play(script, config).asked.length).toBeLessThanOrEqual(config.maxRetries + 1);
      }),
    );
  });

  it("At most the allowed retries are used, however often a retry switches and continues", () => {
    fc.assert(
      fc.property(fc.array(anyStep), counts, (script, config) => {
        const { asked, events } = play(script, config);
        const free = events.filter((event) => event.type === "failed" && event.verdict !== "retry").length;
        expect(asked.length).toBeLessThanOrEqual(config.maxRetries + 1 + free);
        const retries = events.filter((event) => event.type === "retry").map(({ retry }) => retry);
        expect(retries).toEqual(retries.map((_, i) => i + 1));
        expect(retries.length).toBeLessThanOrEqual(config.maxRetries);
      }),
    );
  });

  it("A peer is never asked again after a switch away from it for good", () => {
    fc.assert(
      fc.property(fc.array(anyStep), counts, (script, config) => {
        const refused = new Set<number>();
        for (const event of play(script, config).events) {
          if (event.type === "attempt") expect(refused).not.toContain(event.peer);
          if (event.type === "failed" && event.verdict === "switch") refused.add(event.peer);
        }
      }),
    );
  });

  it("One peer is asked no more often in a row than it may be, while there are others", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 20 }), (samePeerRetries, maxRetries) => {
        const script = Array.from({ length: 30 }, (): Step => ({ ends: "retry", afterMs: 0, peers: [0, 1, 2] }));
        const { asked } = play(script, { samePeerRetries, maxRetries });
        const expected = asked.map((_, i) => Math.floor(i / (samePeerRetries + 1)) % 3);
        expect(asked).toEqual(expected);
      }),
    );
  });

  it("A retried attempt ends exactly once, not after the deadline, and says the same as its events", () => {
    fc.assert(
      fc.property(fc.array(anyStep), counts, (script, config) => {
        const { events, endings, endedAt } = play(script, config);
        expect(endings).toHaveLength(1);
        expect(endedAt).toBeLessThanOrEqual(config.deadlineMs);
        const ends = events.filter(({ type }) => type === "success" || type === "gave-up");
        expect(ends).toEqual([events.at(-1)]);
        expect(ends[0]?.type).toBe(endings[0] === "complete" ? "success" : "gave-up");
      }),
    );
  });

  it("One failure is told for each attempt but the one that succeeded, in order", () => {
    fc.assert(
      fc.property(fc.array(anyStep), counts, (script, config) => {
        const { events } = play(script, config);
        const steps = events.filter(({ type }) => type === "attempt" || type === "failed" || type === "success");
        steps.forEach((event, i) => expect(event.type === "attempt").toBe(i % 2 === 0));
        expect([...events].sort((a, b) => a.at - b.at)).toEqual(events);
      }),
    );
  });

  it("No more tokens are spent than there are", () => {
    fc.assert(
      fc.property(fc.array(stepEnding("retry")), fc.integer({ min: 1, max: 4 }), (script, capacity) => {
        const scheduler = new VirtualTimeScheduler();
        const budget = retryBudget({ capacity, perSecond: 0, perSuccess: 0, scheduler });
        const { asked } = play(script, { maxRetries: 20, budget });
        expect(asked.length).toBeLessThanOrEqual(capacity + 1);
      }),
    );
  });
});
