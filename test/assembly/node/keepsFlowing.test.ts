import { concat, interval, map, NEVER, of, type Observable, take, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { keepsFlowing } from "../../../src/assembly/node/keepsFlowing.js";

/** What came, and when it ended and how, of so many bytes at a time, one each second. */
function flow(pieceBytes: number, pieces: number, pausedOf: (scheduler: VirtualTimeScheduler) => Observable<boolean>) {
  const scheduler = new VirtualTimeScheduler();
  const told = { bytes: 0, at: NaN, error: undefined as unknown };
  const source = interval(1000, scheduler).pipe(
    take(pieces),
    map(() => new Uint8Array(pieceBytes)),
  );
  const config = { peer: "http://a/f", everyMs: 60_000, paused: pausedOf(scheduler), scheduler };
  source.pipe(keepsFlowing(config)).subscribe({
    next: ({ length }) => (told.bytes += length),
    error: (error: unknown) => Object.assign(told, { error, at: scheduler.now() }),
    complete: () => (told.at = scheduler.now()),
  });
  scheduler.flush();
  return told;
}

it("A stream of unknown length that brings 300 bytes a second may take any time", () => {
  expect(flow(300, 10_000, () => NEVER)).toEqual({ bytes: 3_000_000, at: 10_000_000, error: undefined });
});

it("A stream of unknown length that brings a byte a second ends after a minute, and says how little came", () => {
  const told = flow(1, 10_000, () => NEVER);
  expect(told.at).toBe(60_000);
  expect(told.error).toMatchObject({
    code: "TIMEOUT",
    message: "http://a/f brought less than 16384 bytes in 60 s",
  });
});

it("A stream that we keep back ourselves for an hour has its minute after that", () => {
  const hour = (scheduler: VirtualTimeScheduler) =>
    concat(
      of(true),
      interval(3_600_000, scheduler).pipe(
        take(1),
        map(() => false),
      ),
      NEVER,
    );
  expect(flow(1, 10_000, hour).at).toBe(3_660_000);
});
