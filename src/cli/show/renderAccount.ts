import { formatBytes, formatDuration } from "../../command.js";
import { type DownloadState } from "../../index.js";
import { countsText, rowLines } from "./rows.js";

/** Where the bytes, retries and waits of a download went: the lines that have something to tell. Empty before its end. */
export function renderAccount({ outcome }: DownloadState, width = Number.POSITIVE_INFINITY): string[] {
  if (!outcome) return [];
  const { account } = outcome;
  const rows: [string, string][] = [
    [
      "received",
      received(account.received, outcome.type === "download-completed" ? account.size - account.resumed : 0),
    ],
    ["from disk", account.resumed > 0 && !isHereAlready(outcome) ? formatBytes(account.resumed) : ""],
    ["by peer", countsText(account.bytesByPeer, formatBytes)],
    ["in vain", countsText(account.waste, formatBytes)],
    ["retries", countsText(account.retries, String)],
    ["switches", count(account.switches)],
    ["helped", countsText(account.hedges, String)],
    ["continued", account.continuations > 0 ? `${times(account.continuations)} from where a peer broke off` : ""],
    ["waits", countsText(account.waits, String)],
    ["recovered", recovered(account.recoveredChunks, account.longestRecoveryMs)],
    ["given up", account.failedChunks > 0 ? `${chunksText(account.failedChunks)}, after the last try of each` : ""],
    ["taken up", account.resumes > 0 ? times(account.resumes) : ""],
  ];
  const told = rows.filter(([, text]) => text !== "");
  return told.flatMap(([name, text]) => rowLines(name, text, width));
}

/** True when the line of the end has said it all: nothing was fetched. */
function isHereAlready({ type, account }: NonNullable<DownloadState["outcome"]>): boolean {
  return type === "download-completed" && account.received === 0;
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
