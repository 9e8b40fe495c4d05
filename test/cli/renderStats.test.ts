import { expect, it } from "vitest";
import { renderStats } from "../../src/cli/show/renderStats.js";
import { noTotals, withRun } from "../../src/storage/Totals.js";
import { aRun } from "../contracts/catalogueContract.js";

it("renderStats shows what has been counted, and shares of it", () => {
  const since = new Date(2026, 2, 1, 9, 5, 7).getTime();
  const first = { ...aRun, endedAt: since };
  const runs = [first, { ...aRun, outcome: "paused" }, { ...aRun, outcome: "NO_PEERS", resumed: true }] as const;
  const totals = runs.reduce(withRun, noTotals);
  const shares = { completionShare: 1 / 2, recoveryShare: 1, wasteShare: 0.1 };
  expect(renderStats({ ...totals, ...shares }, "/s")).toEqual([
    "3 runs since 2026-03-01 09:05:07",
    "  completed 1 (50 % of those that were not paused)",
    "  failed    NO_PEERS 1",
    "  paused    1",
    "  taken up  1 run went on from an earlier one",
    "  verified  2.70 kB",
    "  received  3.00 kB",
    "  in vain   10.00 % of what was received: checksum 300 B",
    "  retries   TIMEOUT 6",
    "  switches  6",
    "  continued 3 from where a peer broke off",
    "  recovered 9 (100 % of 9 chunks that failed), the slowest in 4.0 s",
    "kept in /s",
  ]);
});
