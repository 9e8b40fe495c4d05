import { expect, it } from "vitest";
import { renderRows } from "../../../src/cli/daemon/renderRows.js";
import type { DownloadRow } from "../../../src/node.js";

const row = (id: number, of: Partial<DownloadRow> = {}): DownloadRow => ({
  ...{ id, sources: [`https://a.example/f${id}`], dir: "/d", state: "running", priority: "normal", done: 0 },
  ...{ bytesPerSecond: 0, peers: 0, retries: 0, recovering: 0, addedAt: id },
  ...of,
});

it("Columns of a list stand below each other, also where one download waits for something with a long name", () => {
  const lines = renderRows(
    [
      row(1, { state: "completed", size: 3000, done: 3000, name: "a" }),
      row(2, { phase: "waiting", waitingFor: "no-peers", size: 3000, done: 1500, name: "b" }),
      row(3, { state: "failed", error: { code: "TIMEOUT", message: "no answer" } }),
    ],
    0,
  );
  expect(lines).toEqual([
    "   1  completed         100 %     3.00 kB  a",
    "   2  waits (no-peers)   50 %     3.00 kB  0 B/s  b",
    "   3  failed                               https://a.example/f3",
    "      no answer (TIMEOUT); tributary retry 3 tries it again",
  ]);
});

it("A download whose whole is hashed is listed with how much of it", () => {
  const hashed = { bytes: 470, size: 1000 };
  expect(renderRows([row(1, { phase: "checking", hashed, size: 1000, done: 1000, name: "a" })], 0)).toEqual([
    "   1  checking 47 %  100 %     1.00 kB  0 B/s  a",
  ]);
});

it("A list of which none waits is no wider than its longest state", () => {
  expect(renderRows([row(1, { state: "paused", size: 3000, name: "a" })], 0)).toEqual([
    "   1  paused       0 %     3.00 kB  a",
  ]);
});

it("A download whose server refuses is being retried: the list has the reason, and when", () => {
  const refused = { code: "CONNECTION_REFUSED", message: "http://a/f: the connection was refused" };
  const of = { phase: "waiting", waitingFor: "busy", name: "a" } as const;
  const rows = [row(1, { ...of, retrying: { ...refused, at: 13_000 } }), row(2, { ...of, retrying: refused })];
  expect(renderRows(rows, 10_000)).toEqual([
    "   1  retrying                      0 B/s  a",
    "      http://a/f: the connection was refused (CONNECTION_REFUSED); it is tried again in 3.0 s",
    "   2  retrying                      0 B/s  a",
    "      http://a/f: the connection was refused (CONNECTION_REFUSED); it is tried again now",
  ]);
});
