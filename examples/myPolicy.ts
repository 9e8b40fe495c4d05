/** A retry policy of one's own, and its test: an hour of waiting takes no time, because time is a scheduler. */
import { deepEqual } from "node:assert/strict";
import type { RetryWithPeerSwitchConfig } from "rx-tributary/operators";
import { exponentialBackoff, retryWithPeerSwitch } from "rx-tributary/operators";
import type { Observable } from "rxjs";
import { of, onErrorResumeNextWith } from "rxjs";
import { TestScheduler } from "rxjs/testing";

type Ask = Observable<string>;

/** Patient: five retries from 1 min up to 10 min, each on another mirror; a page that is gone is gone everywhere. */
const patient: RetryWithPeerSwitchConfig<Ask> = {
  maxRetries: 5,
  samePeerRetries: 0,
  backoff: exponentialBackoff({ initialMs: 60_000, multiplier: 3, maxMs: 600_000 }),
  deadlineMs: 3_600_000,
  classify: (error) => (error === "gone" ? "fail" : "retry"),
};

const test = (name: string, body: Parameters<TestScheduler["run"]>[0]): void => {
  new TestScheduler((actual, expected) => deepEqual(actual, expected)).run(body);
  console.log(`ok: ${name}`);
};

test("takes turns, and waits 1 and 3 min", ({ cold, expectObservable, expectSubscriptions }) => {
  const first = cold("#");
  const second = cold("5s #");
  const third = cold("(b|)");
  expectObservable(of([first, second, third]).pipe(retryWithPeerSwitch((ask) => ask, patient))).toBe("245s (b|)");
  expectSubscriptions(first.subscriptions).toBe("(^!)");
  expectSubscriptions(second.subscriptions).toBe("60s ^ 4999ms !");
});

test("gives up at once on what is gone", ({ cold, expectObservable, expectSubscriptions }) => {
  const [only, other] = [cold("2s #", {}, "gone"), cold("(b|)")];
  const result = of([only, other]).pipe(retryWithPeerSwitch((ask) => ask, patient));
  expectObservable(result.pipe(onErrorResumeNextWith(of("over")))).toBe("2s (o|)", { o: "over" });
  expectSubscriptions(other.subscriptions).toBe([]);
});
