import { expect, it } from "vitest";
import type { DownloadManager } from "../../src/assembly/manager/DownloadManager.js";
import type { ManagerEvent } from "../../src/assembly/manager/ManagerEvent.js";
import { DownloadDetail } from "../../src/control/DownloadDetail.js";
import type { DownloadEvent } from "../../src/index.js";
import { Watch } from "../../src/daemon/Watch.js";

const settings = { concurrency: 3, limitRate: null, dir: "/films", retry: {} };

/** As much of a manager as is watched: downloads 1 and 2. */
const manager = {
  order: [1, 2],
  total: { bytesPerSecond: 0, counts: {} },
  settings,
  has: (id: number) => id <= 2,
  row: (id: number) => ({ id }),
  detail: () => ({ detail: new DownloadDetail(), options: { dir: "/here", tokens: { host: "secret" } } }),
} as unknown as DownloadManager;

const notice = (message: string): DownloadEvent => ({ type: "notice", at: 0, message });
const told = (message: string): ManagerEvent =>
  ({ type: "download-event", at: 0, download: 1, event: notice(message) }) as ManagerEvent;

function watching(): Watch {
  const watch = new Watch(manager);
  watch.set({ list: true, details: [1] });
  return watch;
}

it("A watch begins with snapshots, without secrets, and goes on with what changed", () => {
  const watch = watching();
  const first = watch.update(7);
  expect(first).toMatchObject({ at: 7, list: { whole: true, order: [1, 2], settings, rows: [{ id: 1 }, { id: 2 }] } });
  expect(first?.details[0]?.snapshot?.options).toEqual({ dir: "/here" });
  expect(watch.update(8)).toBeUndefined();
  expect(watch.take({ type: "download-changed", at: 0, download: 2 })).toBe(true);
  expect(watch.take(told("one"))).toBe(true);
  watch.take(told("two"));
  const second = watch.update(9);
  expect(second?.list).toMatchObject({ whole: false, rows: [{ id: 2 }], gone: [] });
  expect(second?.list).not.toHaveProperty("order");
  expect(second?.details).toEqual([{ download: 1, events: [notice("one"), notice("two")] }]);
});

it("A watch of a client that reads slowly, or of more events than a snapshot is worth, has snapshots in their place", () => {
  const watch = watching();
  watch.update(0);
  for (let n = 0; n < 5000; n += 1) watch.take(told("much"));
  expect(watch.update(1)?.details).toMatchObject([{ download: 1, events: [], snapshot: {} }]);
  watch.take(told("more"));
  watch.reset();
  expect(watch.update(2)).toMatchObject({ list: { whole: true }, details: [{ events: [], snapshot: {} }] });
});

it("A watch tells which downloads are gone, and begins anew with a run", () => {
  const watch = watching();
  watch.update(0);
  watch.take({ type: "download-begun", at: 0, download: 1 });
  watch.take({ type: "download-removed", at: 0, download: 2 });
  expect(watch.update(1)).toMatchObject({ list: { gone: [2], order: [1, 2] }, details: [{ snapshot: {} }] });
});
