import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  firstValueFrom,
  lastValueFrom,
  NEVER,
  of,
  Subject,
  Subscription,
  throwError,
  VirtualTimeScheduler,
} from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AttemptTimeoutError } from "../../operators/AttemptTimeoutError.js";
import type { AttemptContext, AttemptFn } from "../../operators/attempt.js";
import { hedge } from "../../operators/hedge.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";

type Ask = AttemptFn<string, string>;

/** The signals of all attempts, by peer, while the scheduler runs to `untilMs`. */
function signals(ask: Ask, { around = (inner: Ask): Ask => inner, untilMs = Infinity } = {}) {
  const scheduler = new VirtualTimeScheduler(undefined, untilMs);
  const seen: [string, AbortSignal][] = [];
  const noting: Ask = (peer, context) => {
    seen.push([peer, context.signal]);
    return ask(peer, context);
  };
  const config = { scheduler, maxRetries: 1, samePeerRetries: 0, attemptTimeoutMs: 5000 };
  const asked = of(["A", "B"]).pipe(retryWithPeerSwitch(around(noting), config));
  const subscription = asked.subscribe({ error: () => undefined });
  scheduler.flush();
  return { seen, subscription };
}

const aborted = (seen: readonly [string, AbortSignal][]) => seen.map(([peer, signal]) => [peer, signal.aborted]);

describe("The signal of an attempt", () => {
  afterEach(() => vi.restoreAllMocks());

  it("The signal is aborted with the error that the attempt failed with, and the next attempt has one of its own", () => {
    const error = new Error("broken");
    const { seen } = signals((peer) => (peer === "A" ? throwError(() => error) : NEVER), { untilMs: 2000 });
    expect(aborted(seen)).toEqual([
      ["A", true],
      ["B", false],
    ]);
    expect(seen[0]?.[1].reason).toBe(error);
  });

  it("The signal is aborted when the attempt's time is over", () => {
    const { seen } = signals(() => NEVER);
    expect(aborted(seen)).toEqual([
      ["A", true],
      ["B", true],
    ]);
    expect(seen[0]?.[1].reason).toBeInstanceOf(AttemptTimeoutError);
  });

  it("The signal is aborted at unsubscribe, also for who reads it afterwards", () => {
    const contexts: AttemptContext<string>[] = [];
    const asked = of(["A"]).pipe(
      retryWithPeerSwitch((_, context) => {
        contexts.push(context);
        return NEVER;
      }),
    );
    asked.subscribe().unsubscribe();
    expect(contexts[0]?.signal.aborted).toBe(true);
    expect(contexts[0]?.signal.reason).toMatchObject({ name: "AbortError" });
  });

  it("The signal is not aborted by success, so that what was returned can still be read", () => {
    const { seen } = signals(() => of("value"));
    expect(aborted(seen)).toEqual([["A", false]]);
  });

  it("No signal is made where nobody reads one, also when attempts fail and wait", () => {
    const made = vi.spyOn(globalThis, "AbortController");
    const scheduler = new VirtualTimeScheduler();
    const retries: number[] = [];
    const asked = of(["A", "B"]).pipe(
      retryWithPeerSwitch(() => throwError(() => new Error("broken")), {
        scheduler,
        backoff: (_, context) => {
          retries.push(context.retry);
          return 1000;
        },
      }),
    );
    asked.subscribe({ error: () => undefined });
    scheduler.flush();
    expect(retries).toEqual([1, 2, 3]);
    expect(made).not.toHaveBeenCalled();
  });

  it("The backoff sees the signal of the attempt that failed, aborted with its error", () => {
    const error = new Error("broken");
    const reasons: unknown[] = [];
    const scheduler = new VirtualTimeScheduler();
    const asked = of(["A"]).pipe(
      retryWithPeerSwitch(() => throwError(() => error), {
        scheduler,
        maxRetries: 1,
        backoff: (_, { signal }) => {
          reasons.push(signal.reason);
          return 1000;
        },
      }),
    );
    asked.subscribe({ error: () => undefined });
    scheduler.flush();
    expect(reasons).toEqual([error]);
  });

  it("The signal of a leg that loses is aborted, and that of the leg that wins is not", () => {
    const values = new Subject<string>();
    const { seen } = signals((peer) => (peer === "B" ? values : NEVER), {
      around: hedge({ after: 1000 }),
      untilMs: 2000,
    });
    expect(aborted(seen)).toEqual([
      ["A", false],
      ["B", false],
    ]);
    values.next("first");
    expect(aborted(seen)).toEqual([
      ["A", true],
      ["B", false],
    ]);
    values.complete();
    expect(aborted(seen)).toEqual([
      ["A", true],
      ["B", false],
    ]);
  });
});

describe("An attempt that gives its signal to fetch", () => {
  const served = async (answer: (path: string, end: (text: string) => void) => void) => {
    const server = createServer(({ url = "" }, response) => answer(url, (text) => response.end(text)));
    const ended = new Subject<string>();
    server.on("request", ({ url = "" }, response) => response.on("close", () => ended.next(url)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const close = new Subscription(() => {
      server.close();
      server.closeAllConnections();
    });
    return { origin: `http://127.0.0.1:${port}`, ended, close };
  };

  it("An attempt that gives its signal to fetch closes the socket when its time is over, and brings the answer of the next", async () => {
    const { origin, ended, close } = await served((path, end) => path === "/right" && end("right"));
    const closed = firstValueFrom(ended);
    const answer = of([`${origin}/silent`, `${origin}/right`]).pipe(
      retryWithPeerSwitch(async (url, { signal }) => (await fetch(url, { signal })).text(), {
        attemptTimeoutMs: 200,
        samePeerRetries: 0,
        backoff: () => 0,
      }),
    );
    expect(await lastValueFrom(answer)).toBe("right");
    expect(await closed).toBe("/silent");
    close.unsubscribe();
  });
});
