import { calculateBackoffDelay, type GivenRetryConfig, resolveRetryConfig } from "../../../src/index.js";
import type { Course, Recording } from "./Recording.js";

/** Config of a download as the lab varies it. */
export interface LabConfig {
  readonly retry?: GivenRetryConfig;
  readonly parallelRetries?: boolean;
}

/**
 * A test of a policy, for vitest, as a program of its own: the waits of a chunk whose every request fails, with marbles, and the race that was seen here.
 * Both take no time, because time is virtual.
 */
export function testOf({ retry = {}, parallelRetries }: LabConfig, course: Course, recording: Recording): string {
  const { maxChunkRetries, samePeerRetries, jitter } = resolveRetryConfig(retry);
  const waits = Array.from({ length: maxChunkRetries }, (_, place) => delay(retry, place + 1));
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  const marbles =
    jitter === "none"
      ? `
test("asks at ${asked(waits)}, and gives up then", () => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run(({ cold, expectObservable }) => {
    const retried = of(["A", "B", "C", "D"]).pipe(
      retryWithPeerSwitch(() => cold("#"), {
        maxRetries: ${maxChunkRetries},
        samePeerRetries: ${samePeerRetries},
        backoff: (n) => calculateBackoffDelay(n, retry),
        deadlineMs: Infinity,
      }),
      onErrorResumeNextWith(of("over")),
    );
    expectObservable(retried).toBe("${total > 0 ? `${total}ms ` : ""}(o|)", { o: "over" });
  });
});
`
      : "";
  return `import { calculateBackoffDelay } from "rx-tributary";
import { retryWithPeerSwitch } from "rx-tributary/operators";
import { simulateSwarm } from "rx-tributary/testing";
import { of, onErrorResumeNextWith } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, test } from "vitest";

const retry = ${JSON.stringify(retry)};
${marbles}
test("${recording.outcome} in ${(recording.makespanMs / 1000).toFixed(1)} s with ${recording.retries} retries", () => {
  const run = simulateSwarm({
    peers: ${JSON.stringify(course.peers)},
    chunks: ${course.chunks},
    chunkBytes: ${course.chunkBytes},
    seed: ${course.seed},
    config: { retry${parallelRetries === false ? ", parallelRetries: false" : ""} },
    keepEvents: false,
  });
  expect(run.outcome).toBe("${recording.outcome}");
  expect(run.makespanMs).toBe(${recording.makespanMs});
});
`;
}

function delay(retry: GivenRetryConfig, n: number): number {
  return calculateBackoffDelay(n, resolveRetryConfig({ ...retry, jitter: "none" }));
}

/** Times of the attempts in words. */
function asked(waits: readonly number[]): string {
  let at = 0;
  const times = [0, ...waits.map((wait) => (at += wait))];
  return times.map((ms) => `${ms / 1000} s`).join(", ");
}
