import { firstValueFrom, map, Subject, toArray } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, it } from "vitest";
import { DownloadError, type DownloadEvent, ofType } from "../../src/index.js";
import type { downloadFile } from "../../src/node.js";
import { fakeDownloadFile } from "../../src/testing.js";

it("A faked download emits its script in time, and is completed then", () => {
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  }).run(({ expectObservable }) => {
    const download = fakeDownloadFile(() => [{ type: "notice", message: "hello" }, 500]);
    const types = download("https://host/a", {});
    expectObservable(types).toBe("a 499ms (b|)", {
      a: expect.objectContaining({ type: "notice", at: 0 }) as DownloadEvent,
      b: expect.objectContaining({ type: "download-completed", at: 500 }) as DownloadEvent,
    });
    expect(download.calls).toEqual([{ sources: "https://host/a", options: {} }]);
  });
});

it("A faked download fails with an event, and with the error behind it", () => {
  const error = new DownloadError("NO_PEERS", "nobody");
  const seen: unknown[] = [];
  fakeDownloadFile(() => [error])("a").subscribe({
    next: ({ type }) => seen.push(type),
    error: (thrown: unknown) => seen.push(thrown),
  });
  expect(seen).toEqual(["download-failed", error]);
});

it("A faked download obeys the signals that stop the real one", () => {
  const discardWhen = new Subject<void>();
  let events: readonly unknown[] = [];
  fakeDownloadFile(() => [10_000])("a", { discardWhen })
    .pipe(toArray())
    .subscribe((all) => (events = all));
  discardWhen.next();
  expect(events).toMatchObject([{ type: "download-paused", removed: true }]);
});

it("A faked download stands where downloadFile is wanted, and tells where its file would be", async () => {
  const download: typeof downloadFile = fakeDownloadFile();
  const where = download("https://host/a", { out: "bee", limitRate: 5 }).pipe(
    ofType("download-completed"),
    map(({ path }) => path),
  );
  expect(await firstValueFrom(where)).toBe("bee");
});
