import { type SchedulerAction, type SchedulerLike, VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { UploadPace } from "../../src/seeder/UploadPace.js";

it("A timer that came late once grants a long burst for two seconds, and not to whoever comes after a pause", () => {
  const scheduler = new VirtualTimeScheduler();
  let lateMs = 0;
  const clock: SchedulerLike = {
    now: () => scheduler.now(),
    schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T) =>
      scheduler.schedule(work, delayMs + lateMs, state),
  };
  const pace = new UploadPace(1000, clock);
  /** Bytes of frames of 100 that go out at once. */
  const atOnce = (): number => {
    let bytes = 0;
    const flow = { host: "a", finish: 0 };
    const frames = Array.from({ length: 50 }, () => pace.enter(flow, 100, () => (bytes += 100)));
    const sent = bytes;
    for (const frame of frames) frame.unsubscribe();
    return sent;
  };
  const passTo = (ms: number): void => {
    scheduler.maxFrames = ms;
    scheduler.flush();
    scheduler.frame = ms;
  };

  passTo(10_000);
  lateMs = 1500;
  pace.enter({ host: "a", finish: 0 }, 100, () => undefined);
  passTo(11_700);
  lateMs = 0;
  expect(atOnce()).toBeGreaterThan(1000);
  passTo(20_000);
  expect(atOnce()).toBe(0);
});
