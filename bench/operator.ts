/** Nanoseconds per attempt of `retryWithPeerSwitch` against rxjs's own `retry`, for success and for failure. */
import { retryWithPeerSwitch } from "rx-tributary/operators";
import type { Observable } from "rxjs";
import { asapScheduler, defer, lastValueFrom, of, retry, throwError, timer } from "rxjs";
import { Bench } from "tinybench";

const peers = of(["a", "b"]);
const failuresPerRun = 100;
const scheduler = asapScheduler;

/** Fails `failuresPerRun` times, then succeeds. */
const flaky = (): (() => Observable<number>) => {
  let left = failuresPerRun;
  return () => (left-- > 0 ? throwError(() => new Error("no")) : of(1));
};

export async function benchOperator(): Promise<Record<string, number>> {
  const bench = new Bench({ time: 500, warmupTime: 100 });
  bench
    .add("ours, success", () => lastValueFrom(peers.pipe(retryWithPeerSwitch(() => of(1), { scheduler }))))
    .add("rxjs, success", () => lastValueFrom(defer(() => of(1)).pipe(retry({ count: 3 }))))
    .add("ours, failure", () => {
      const ask = flaky();
      const config = { maxRetries: failuresPerRun, backoff: () => 0, scheduler };
      return lastValueFrom(peers.pipe(retryWithPeerSwitch(ask, config)));
    })
    .add("rxjs, failure", () => {
      const ask = flaky();
      return lastValueFrom(defer(ask).pipe(retry({ delay: () => timer(0, scheduler) })));
    });
  await bench.run();
  const attempts = (name: string): number => (name.endsWith("failure") ? failuresPerRun + 1 : 1);
  return Object.fromEntries(
    bench.tasks.map((task) => {
      const { result } = task;
      if (result.state !== "completed") throw new Error(`${task.name}: ${result.state}`);
      return [task.name, (result.latency.p50 * 1e6) / attempts(task.name)];
    }),
  );
}
