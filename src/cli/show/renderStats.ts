import { formatBytes, formatDuration } from "../../command.js";
import type { DownloadStats } from "../../node.js";
import { localTime } from "./localTime.js";
import { countsText, rowLines } from "./rows.js";

/** The totals of all downloads: the lines that have something to tell, and where they are from. */
export function renderStats(stats: DownloadStats, path: string): readonly string[] {
  if (stats.since === undefined) return [`no download has ended yet; what becomes of them is kept in ${path}`];
  const { runs, resumed, paused, failed, received } = stats;
  const head = `${counted(runs, "run")} since ${localTime(stats.since)}`;
  const rows: [string, string][] = [
    ["completed", `${stats.completed}${percent(stats.completionShare, "of those that were not paused")}`],
    ["failed", countsText(failed, String)],
    ["paused", paused > 0 ? String(paused) : ""],
    ["taken up", resumed > 0 ? `${counted(resumed, "run")} went on from an earlier one` : ""],
    ["verified", formatBytes(stats.verified)],
    ["received", formatBytes(received)],
    ["in vain", wasteText(stats)],
    ["retries", countsText(stats.retries, String)],
    ["switches", stats.switches > 0 ? String(stats.switches) : ""],
    ["continued", stats.continuations > 0 ? `${stats.continuations} from where a peer broke off` : ""],
    ["recovered", recoveredText(stats)],
  ];
  const told = rows.filter(([, text]) => text !== "").flatMap(([name, text]) => rowLines(name, text, Infinity));
  return [head, ...told, `kept in ${path}`];
}

function wasteText({ waste, wasteShare = 0 }: DownloadStats): string {
  if (wasteShare === 0) return "";
  return `${(100 * wasteShare).toFixed(2)} % of what was received: ${countsText(waste, formatBytes)}`;
}

function recoveredText({ troubledChunks, recoveredChunks, recoveryShare, longestRecoveryMs }: DownloadStats): string {
  if (troubledChunks === 0) return "";
  const slowest = recoveredChunks > 0 ? `, the slowest in ${formatDuration(longestRecoveryMs)}` : "";
  return `${recoveredChunks}${percent(recoveryShare, `of ${counted(troubledChunks, "chunk")} that failed`)}${slowest}`;
}

function percent(share: number | undefined, what: string): string {
  return share === undefined ? "" : ` (${Math.floor(100 * share)} % ${what})`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
