import type { DownloadEvent, DownloadState } from "../../index.js";
import { columnsOf } from "./columnsOf.js";
import { fit } from "./fit.js";
import type { Paint, Role } from "./paint.js";

const roles: Partial<Record<DownloadEvent["type"], Role>> = {
  "retry-scheduled": "warning",
  "question-retried": "warning",
  "question-failed": "warning",
  recovering: "warning",
  "peer-switched": "active",
  "hedge-started": "active",
  "peer-blacklisted": "bad",
  "peer-quarantined": "bad",
  "peer-excluded": "bad",
  "mirror-refused": "bad",
  "chunk-failed": "bad",
  "peer-restored": "good",
  recovered: "good",
};

/** The last things that happened, with the time since the start; at most so many, the newest ones. */
export function renderRecent(
  { recent, startedAt = 0 }: DownloadState,
  columns: number,
  rows: number,
  paint: Paint,
): readonly string[] {
  if (rows < 1) return [];
  return recent.slice(-rows).map(({ at, type, text }) => {
    const time = clock(at - startedAt);
    const words = fitNews(text.replaceAll(/\bwss?:\/\//g, ""), Math.max(1, columns - time.length - 2));
    const role = roles[type];
    return `${paint("faint", time)}  ${role === undefined ? words : paint(role, words)}`;
  });
}

/** Addresses that leave no room for what is said of them are told by their hosts. */
function fitNews(text: string, columns: number): string {
  const isLong = columnsOf(text) > columns;
  return fit(isLong ? text.replaceAll(/\bhttps?:\/\/([^\s/]+)\/[^\s]*?(?=[:,;]?(?:\s|$))/g, "$1") : text, columns);
}

/** Minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, "0")}`;
}
