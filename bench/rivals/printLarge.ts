import { bare, type Entry, goals, peakGoal, type Setting } from "./largeWork.js";
import type { Cost } from "./measure.js";

const ours = "tributary";

/** What each entry of a setting cost, a round each. */
export type Costs = ReadonlyMap<Entry, readonly Cost[]>;

interface Medians {
  readonly wall: number;
  readonly cpu: number;
  readonly user: number;
  readonly system: number;
  readonly peak: number;
}

/** Prints what was measured in one setting, and our ratios to each of the others that did the same. */
export function printLarge(setting: Setting, costs: Costs): void {
  const columns = ["wall s", "CPU s", "user", "system", "peak MB"];
  console.log(`\n${setting.padEnd(24)}${columns.map((word) => word.padStart(10)).join("")}`);
  for (const [entry, each] of costs) {
    const { wall, cpu, user, system, peak } = mediansOf(each);
    const shown = [...[wall, cpu, user, system].map((value) => value.toFixed(2)), peak.toFixed(0)];
    console.log(
      `  ${label(entry).padEnd(22)}${shown.map((value) => value.padStart(10)).join("")}${remarks(entry, each, peak)}`,
    );
  }
  for (const [mine, each] of costs) {
    if (mine.tool !== ours) continue;
    for (const [theirs, others] of costs) {
      if (theirs.tool !== ours && theirs.checked === mine.checked) {
        console.log(`  ${label(mine)} / ${ratios(setting, theirs, mediansOf(each), mediansOf(others))}`);
      }
    }
  }
}

function ratios(setting: Setting, theirs: Entry, mine: Medians, other: Medians): string {
  const goal = goals.find(
    ({ than, ...each }) => each.setting === setting && than.tool === theirs.tool && than.checked === theirs.checked,
  );
  const wall = `wall ${(mine.wall / other.wall).toFixed(2)}${aim(goal?.wall)}`;
  const cpu = `CPU ${(mine.cpu / other.cpu).toFixed(2)}${aim(goal?.cpu)}`;
  return `${label(theirs)}: ${wall}, ${cpu}${theirs.tool === bare ? " (the limit of this machine for Node)" : ""}`;
}

function remarks({ tool }: Entry, costs: readonly Cost[], peak: number): string {
  if (tool !== ours) return "";
  const share = directShare(costs);
  const lanes = share === undefined ? "" : `, ${(share * 100).toFixed(1)} % of the bytes by the direct lane`;
  return `  peak${aim(peakGoal)}${peak > peakGoal ? " MISSED" : ""}${lanes}`;
}

/** What came by the direct lane, of all bytes whose lane was told. */
function directShare(costs: readonly Cost[]): number | undefined {
  let direct = 0;
  let all = 0;
  for (const { stderr } of costs) {
    for (const [, fast, ordinary] of stderr.matchAll(/direct (\d+) bytes, ordinary (\d+) bytes/g)) {
      direct += Number(fast);
      all += Number(fast) + Number(ordinary);
    }
  }
  return all === 0 ? undefined : direct / all;
}

function mediansOf(costs: readonly Cost[]): Medians {
  const middle = (of: (cost: Cost) => number): number =>
    costs.map(of).toSorted((a, b) => a - b)[costs.length >> 1] ?? NaN;
  return {
    wall: middle(({ seconds }) => seconds),
    cpu: middle(({ userSeconds, systemSeconds }) => userSeconds + systemSeconds),
    user: middle(({ userSeconds }) => userSeconds),
    system: middle(({ systemSeconds }) => systemSeconds),
    peak: middle(({ peakBytes }) => peakBytes) / 1e6,
  };
}

const aim = (most: number | undefined): string => (most === undefined ? "" : ` (goal <= ${most})`);

/** How an entry is called. */
export const label = ({ tool, checked }: Entry): string => `${tool}${checked ? ", checked" : ""}`;
