import { formatBytes, formatDuration, printable, type DownloadState } from "../../index.js";

/** Where the bytes, retries and waits of a download went: the lines that have something to tell. Empty before its end. */
export function renderAccount({ outcome }: DownloadState, width = Number.POSITIVE_INFINITY): string[] {
  if (!outcome) return [];
  const { account } = outcome;
  const rows: [string, string][] = [
    [
      "received",
      received(account.received, outcome.type === "download-completed" ? account.size - account.resumed : 0),
    ],
    ["from disk", account.resumed > 0 ? formatBytes(account.resumed) : ""],
    ["by peer", list(account.bytesByPeer, formatBytes)],
    ["in vain", list(account.waste, formatBytes)],
    ["retries", list(account.retries, String)],
    ["switches", count(account.switches)],
    ["helped", list(account.hedges, String)],
    ["continued", account.continuations > 0 ? `${times(account.continuations)} from where a peer broke off` : ""],
    ["waits", list(account.waits, String)],
    ["recovered", recovered(account.recoveredChunks, account.longestRecoveryMs)],
    ["given up", account.failedChunks > 0 ? chunksText(account.failedChunks) : ""],
    ["taken up", account.resumes > 0 ? times(account.resumes) : ""],
  ];
  const told = rows.filter(([, text]) => text !== "");
  return told.flatMap(([name, text]) => wrap(name, text, width)).map((line) => printable(line));
}

function received(bytes: number, needed: number): string {
  const ratio = needed > 0 ? `, ${(bytes / needed).toFixed(3)} x what was needed` : "";
  return bytes > 0 ? formatBytes(bytes) + ratio : "";
}

function recovered(chunks: number, longestMs: number): string {
  return chunks > 0 ? `${chunksText(chunks)} after a failure, the slowest in ${formatDuration(longestMs)}` : "";
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function chunksText(chunks: number): string {
  return chunks === 1 ? "1 chunk" : `${chunks} chunks`;
}

function count(times: number): string {
  return times > 0 ? String(times) : "";
}

function list(counts: Readonly<Record<string, number>>, show: (count: number) => string): string {
  return Object.entries(counts)
    .filter(([, amount]) => amount > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, amount]) => `${name} ${show(amount)}`)
    .join(" · ");
}

const indent = 12;

/** Long lists go on below, in the same column. */
function wrap(name: string, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(" · ")) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + 3 + part.length <= width)
      lines.push(`${lines.pop() ?? ""} · ${part}`);
    else lines.push(part);
  }
  return lines.map((line, n) => `  ${(n === 0 ? name : "").padEnd(indent - 2)}${line}`);
}
