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

it("A client that reads too slowly is told nothing more until it has caught up, and then the whole as it is", () => {
  const scheduler = new TestScheduler(() => undefined);
  const events = new Subject<ManagerEvent>();
  const updates: unknown[] = [];
  let waitingBytes = 0;
  const session = new ControlSession(
    {
      manager,
      events,
      program: "a daemon",
      ends: false,
      link: () => "http://127.0.0.1:1/?token=T",
      stop: () => undefined,
      scheduler,
    },
    {
      waitingBytes: () => waitingBytes,
      send: (frame) => {
        const answer = decodeAnswer(frame);
        if (answer.type === "update") updates.push({ at: scheduler.now(), whole: answer.list?.whole });
      },
    },
  );
  const hello = encodeControl({ type: "hello", version: 1 });
  const watch = encodeControl({ type: "watch", id: 1, list: true });
  const running = session.run(concat(of(hello, watch), NEVER)).subscribe();
  const changed = (): void => events.next({ type: "order-changed", at: 0 });
  scheduler.schedule(() => (waitingBytes = 2 * 1024 * 1024), 200);
  scheduler.schedule(changed, 250);
  scheduler.schedule(changed, 260);
  scheduler.schedule(() => (waitingBytes = 0), 500);
  scheduler.schedule(() => running.unsubscribe(), 700);
  scheduler.flush();
  expect(updates).toEqual([
    { at: 0, whole: true },
    { at: 550, whole: true },
  ]);
});
