import { merge, NEVER, of, Subject, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { askUntilAnswered } from "../../src/discovery/askUntilAnswered.js";
import { NetworkWatch } from "../../src/discovery/NetworkWatch.js";
import { AwakeClock } from "../../src/download/AwakeClock.js";
import type { UntimedEvent } from "../../src/download/DownloadEvent.js";
import { suspendInOutage } from "../../src/download/suspendInOutage.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { VirtualClock } from "../../src/testing/VirtualClock.js";
import { discoveryFor } from "./discoveryFor.js";

/** Asks peers, whose answers are as `answerAt` says at each time, ms, on a machine that may sleep. */
function ask(
  ids: readonly string[],
  answerAt: (peer: string, atMs: number) => "yes" | "no network" | "silent" | "refused",
) {
  const base = new VirtualClock();
  const clock = new AwakeClock(base);
  const network = new NetworkWatch(clock);
  const told: UntimedEvent[] = [];
  const emit = (event: UntimedEvent): void => void told.push(event);
  const discovery = { ...discoveryFor(), clock, network, emit };
  const asked: string[] = [];
  const ended = new Subject<string>();
  let end = "";
  const question = ({ id }: { readonly id: string }) => {
    asked.push(`${id} ${base.now()}`);
    switch (answerAt(id, base.now())) {
      case "yes":
        return of("answer");
      case "silent":
        return NEVER;
      case "refused":
        return throwError(() => new DownloadError("CONNECTION_REFUSED", "refused", { peer: id }));
      case "no network":
        return throwError(() => new DownloadError("NETWORK_DOWN", "no route", { peer: id }));
    }
  };
  const policy = { about: "manifest", limit: "all", company: { afterMs: 2000, most: 4 } } as const;
  const peers = of(ids.map((id) => ({ id })));
  clock.start();
  const parts = { clock, scheduler: base, signs: network, online: NEVER, emit };
  merge(suspendInOutage(parts, discovery.retry), askUntilAnswered(peers, question, policy, discovery)).subscribe({
    next: (text) => {
      end = `${text} ${base.now()}`;
      ended.next(end);
    },
    error: (error: unknown) => (end = `${error instanceof Error ? error.message : String(error)} ${base.now()}`),
  });
  return { base, clock, asked, told, end: () => end };
}

describe("a question", () => {
  it("A question without a network waits for it, asks again after 1, 2, 4 and 8 s, and costs no retry", () => {
    const run = ask(["A"], (_, atMs) => (atMs < 12_000 ? "no network" : "yes"));
    run.base.run(60_000);
    expect(run.end()).toMatch(/^answer 15\d\d\d$/);
    expect(run.told.map(({ type }) => type)).toEqual([...Array<string>(4).fill("waiting"), "notice"]);
  });

  it("A question to a peer without a way to it goes to the next at once", () => {
    const run = ask(["A", "B"], (peer) => (peer === "A" ? "no network" : "yes"));
    run.base.run(10_000);
    expect(run.asked).toEqual(["A 0", "B 0"]);
    expect(run.end()).toBe("answer 0");
  });

  it("A peer to which there is no way is given up when another one refuses, after the retries of both", () => {
    const run = ask(["A", "B"], (peer) => (peer === "A" ? "no network" : "refused"));
    run.base.run(60_000);
    expect(run.end()).toContain("exhausted");
    expect(run.told.filter(({ type }) => type === "waiting")).toEqual([]);
  });
});
