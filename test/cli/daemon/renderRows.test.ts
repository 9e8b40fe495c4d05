import { expect, it } from "vitest";
import { renderRows } from "../../../src/cli/daemon/renderRows.js";
import type { DownloadRow } from "../../../src/node.js";

const row = (id: number, of: Partial<DownloadRow> = {}): DownloadRow => ({
  ...{ id, sources: [`https://a.example/f${id}`], dir: "/d", state: "running", priority: "normal", done: 0 },
  ...{ bytesPerSecond: 0, peers: 0, retries: 0, recovering: 0, addedAt: id },
  ...of,
});

it("Columns of a list stand below each other, also where one download waits for something with a long name", () => {
  const lines = renderRows([
    row(1, { state: "completed", size: 3000, done: 3000, name: "a" }),
    row(2, { phase: "waiting", waitingFor: "no-peers", size: 3000, done: 1500, name: "b" }),
    row(3, { state: "failed", error: { code: "TIMEOUT", message: "no answer" } }),
  ]);
  expect(lines).toEqual([
    "   1  completed         100 %     3.00 kB  a",
    "   2  waits (no-peers)   50 %     3.00 kB  0 B/s  b",
    "   3  failed                               https://a.example/f3",
    "      no answer (TIMEOUT)",
  ]);
});

it("A list of which none waits is no wider than its longest state", () => {
  expect(renderRows([row(1, { state: "paused", size: 3000, name: "a" })])).toEqual([
    "   1  paused       0 %     3.00 kB  a",
  ]);
});
