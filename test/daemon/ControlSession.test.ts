import { concat, NEVER, of, Subject } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, it } from "vitest";
import type { DownloadManager } from "../../src/assembly/manager/DownloadManager.js";
import type { ManagerEvent } from "../../src/assembly/manager/ManagerEvent.js";
import { decodeAnswer, encodeControl } from "../../src/control/controlCodec.js";
import { ControlSession } from "../../src/daemon/ControlSession.js";

const manager = {
  order: [],
  total: { bytesPerSecond: 0, counts: {} },
  settings: { concurrency: 3, limitRate: null, dir: "/films", retry: {} },
  has: () => false,
} as unknown as DownloadManager;

/** A session whose client watches the list from the beginning: when it is told, and whether of the whole, in virtual time. */
function watching(
  act: (stage: { readonly scheduler: TestScheduler; readonly changed: () => void }) => void,
  waitingBytes = () => 0,
) {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.maxFrames = Infinity;
  const events = new Subject<ManagerEvent>();
  const updates: { readonly at: number; readonly whole: boolean | undefined }[] = [];
  const session = new ControlSession(
    {
      ...{ manager, events, program: "a daemon", ends: false, scheduler },
      ...{ link: () => "http://127.0.0.1:1/?token=T", stop: () => undefined },
    },
    {
      waitingBytes,
      listen: () => undefined,
      send: (frame) => {
        const answer = decodeAnswer(frame);
        if (answer.type === "update") updates.push({ at: scheduler.now(), whole: answer.list?.whole });
      },
    },
  );
  const hello = encodeControl({ type: "hello", version: 1 });
  const watch = encodeControl({ type: "watch", id: 1, list: true });
  const running = session.run(concat(of(hello, watch), NEVER)).subscribe();
  act({ scheduler, changed: () => events.next({ type: "order-changed", at: 0 }) });
  scheduler.schedule(() => running.unsubscribe(), 10_000);
  scheduler.flush();
  return updates;
}

it("A client that reads too slowly is told nothing more until it has caught up, and then the whole as it is", () => {
  let waitingBytes = 0;
  const updates = watching(
    ({ scheduler, changed }) => {
      scheduler.schedule(() => (waitingBytes = 2 * 1024 * 1024), 200);
      scheduler.schedule(changed, 250);
      scheduler.schedule(changed, 260);
      scheduler.schedule(() => (waitingBytes = 0), 500);
    },
    () => waitingBytes,
  );
  expect(updates).toEqual([
    { at: 0, whole: true },
    { at: 550, whole: true },
  ]);
});

it("A client is told ten times a second at most, however much happens, and of the last change within a tenth of one", () => {
  const updates = watching(({ scheduler, changed }) => {
    for (let at = 1; at <= 3210; at += 7) for (let n = 0; n < 3; n += 1) scheduler.schedule(changed, at);
    scheduler.schedule(changed, 9000);
  });
  const gaps = updates.slice(1).map(({ at }, place) => at - (updates[place]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  expect(updates.filter(({ at }) => at < 9000)).toHaveLength(34);
  expect(updates.slice(-2).map(({ at }) => at)).toEqual([3300, 9000]);
});
