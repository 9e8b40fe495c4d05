import { from, lastValueFrom, toArray } from "rxjs";
import { expect, it } from "vitest";
import { closedEvents } from "../../../src/assembly/list/closedEvents.js";
import { emptyAccount } from "../../../src/download/Account.js";
import type { FileOutcome, ListEvent, ListTotal } from "../../../src/node.js";

const none: ListTotal = {
  ...{ bytesDone: 0, bytesKnown: 0, bytesPerSecond: 0 },
  ...{ filesDone: 0, filesFailed: 0, filesStopped: 0, filesRunning: 0, filesWaiting: 0, filesUnsized: 0 },
};
const account = { ...emptyAccount, size: 10, done: 10 };
const completed = (file: number): FileOutcome => ({ file, size: 10, status: "completed", account, path: "/a" });
const paused = (file: number): FileOutcome => ({ file, size: 10, status: "paused", account: { ...account, done: 4 } });

it("An open list is told as a closed one: files from 0, totals with those that have ended, and the last outcome of each", async () => {
  const at = 0;
  const open: readonly ListEvent[] = [
    { type: "file-waiting", at, file: 1 },
    { type: "file-waiting", at, file: 2, entry: 1 },
    { type: "file-ended", at, outcome: completed(2) },
    { type: "file-ended", at, outcome: paused(1) },
    { type: "total", at, total: none },
    { type: "file-waiting", at, file: 1 },
    { type: "total", at, total: { ...none, bytesDone: 5, bytesKnown: 10, filesRunning: 1 } },
    { type: "file-ended", at, outcome: completed(1) },
    { type: "list-ended", at, total: none, outcomes: [] },
  ];
  const events = await lastValueFrom(from(open).pipe(closedEvents(), toArray()));
  expect(events.slice(0, 2)).toEqual([
    { type: "file-waiting", at, file: 0 },
    { type: "file-waiting", at, file: 1, entry: 0 },
  ]);
  const totals = events.flatMap((event) =>
    event.type === "total" || event.type === "list-ended" ? [event.total] : [],
  );
  expect(totals).toEqual([
    { ...none, bytesDone: 14, bytesKnown: 20, filesDone: 1, filesStopped: 1 },
    { ...none, bytesDone: 15, bytesKnown: 20, filesDone: 1, filesRunning: 1 },
    { ...none, bytesDone: 20, bytesKnown: 20, filesDone: 2 },
  ]);
  expect(events.at(-1)).toMatchObject({
    outcomes: [
      { file: 0, status: "completed" },
      { file: 1, status: "completed" },
    ],
  });
});
