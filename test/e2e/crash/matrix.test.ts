import { expect, it } from "vitest";
import { drawKills } from "../../../bench/crash/Kill.js";
import { runMatrix } from "../../../bench/crash/runMatrix.js";
import { complaintOf, summaryOf, worstAllowed } from "../../../bench/crash/summary.js";

const size = 4 * 1024 * 1024;
const speed = 2_000_000;

it.skipIf(process.platform === "win32")(
  "A download that is killed at random, at events and at calls ends right when it is run again, and leaves nothing over",
  async () => {
    const trials = await runMatrix({ kills: 28, seed: 1, jobs: 7, size, speed });
    expect(trials.flatMap((trial) => complaintOf(trial) ?? [])).toEqual([]);
    const { kills, worst } = summaryOf(trials, size);
    expect(kills).toBeGreaterThanOrEqual(28);
    expect(worst).toBeLessThanOrEqual(worstAllowed(size, speed));
  },
);

it("Kills are drawn at every call that changes the disk but writes, before it and after it", () => {
  const calls = { rename: 3, link: 1, unlink: 2, fsync: 4, ftruncate: 1, write: 100 };
  const kills = drawKills({ seconds: 1, calls, events: { resolving: 1 } }, () => 0.5);
  const points = new Set<string>();
  for (let drawn = 0; drawn < 100; drawn += 1) {
    const kill = kills.next().value;
    if (kill.at === "call" && kill.kind !== "write") points.add(`${kill.moment} ${kill.kind} ${kill.nth}`);
  }
  expect(points.size).toBe(2 * (3 + 1 + 2 + 4 + 1));
});
