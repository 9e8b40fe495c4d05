import { lastValueFrom, tap, toArray } from "rxjs";
import { formatBytes, formatDuration } from "../command.js";
import { downloadStatus, type DownloadStatus, type FoundDownload } from "../node.js";
import { output } from "./output.js";
import { lineWriter } from "./show/lineWriter.js";

export interface StatusFlags {
  readonly json?: boolean;
}

/** Runs `tributary status`. */
export async function status(folder: string, { json = false }: StatusFlags): Promise<void> {
  const out = lineWriter(output);
  const show = (status: DownloadStatus): void => {
    if (json) out.writeJson(status);
    else renderStatus(status, Date.now()).forEach((line) => out.write(line));
  };
  const found = await lastValueFrom(downloadStatus(folder).pipe(tap(show), toArray()));
  if (found.length === 0 && !json) out.write(`no unfinished download in ${folder}`);
}

/** A download's lines, the first with its name. `now` is wall time, ms since the epoch. */
function renderStatus(status: DownloadStatus, now: number): readonly string[] {
  const doing = status.running ? "running now" : "not running";
  if ("problem" in status) return [`${status.path}  ${doing}`, `  problem: ${status.problem}`];
  const { size, done, chunks, root, peers, failed, savedAt } = status;
  const percent = size === 0 ? 100 : Math.floor((done * 100) / size);
  return [
    `${status.path}  ${percent} %  ${doing}`,
    `  ${formatBytes(done)} of ${formatBytes(size)}, chunks ${chunks.done}/${chunks.total}, ${savedAgo(savedAt, now)}`,
    ...(peers.length > 0
      ? [`  served by ${peers.slice(0, 3).join(", ")}${peers.length > 3 ? " and others" : ""}`]
      : []),
    ...(failed.length > 0 ? [failedLine(failed)] : []),
    ...(root === undefined ? [] : [`  root ${root}`]),
  ];
}

function savedAgo(savedAt: number, now: number): string {
  return `saved ${formatDuration(Math.max(0, now - savedAt))} ago`;
}

function failedLine(failed: FoundDownload["failed"]): string {
  const [last] = failed.toSorted((a, b) => b.lastAttempt - a.lastAttempt);
  const by = last?.lastPeer === undefined ? "" : ` on ${last.lastPeer}`;
  const why = last?.lastError === undefined ? "" : ` (${last.lastError})`;
  const count = failed.length === 1 ? "1 chunk" : `${failed.length} chunks`;
  return `  at least one try failed for ${count} not done yet, last for chunk ${last?.chunkIndex ?? 0}${by}${why}`;
}
