import type { DownloadRow } from "../../../src/page.js";
import { percent, timeOfDay } from "../parts/format.js";
import { titleOf } from "./pick.js";

/** State of a download in a word or two, and the name of its colour in the theme. */
export interface StateWords {
  readonly text: string;
  readonly colour: "busy" | "good" | "bad" | "wait" | "idle";
}

const waits: Readonly<Record<string, string>> = {
  "no-peers": "Waiting for a peer",
  lacking: "Waiting for chunks nobody has",
  busy: "Peers are busy",
  budget: "Waiting to retry",
  offline: "No network",
};

/** Words for the state of a download. */
export function stateWords({
  state,
  phase,
  waitingFor,
  hashed,
  retrying,
  recovering,
  removed,
}: DownloadRow): StateWords {
  switch (state) {
    case "waiting":
      if (waitingFor === "metalink") return { text: "Reading its Metalink", colour: "busy" };
      return { text: "In line", colour: "idle" };
    case "paused":
      return { text: "Paused", colour: "idle" };
    case "cancelled":
      return { text: removed === true ? "Cancelled and removed" : "Cancelled", colour: "idle" };
    case "completed":
      return { text: "Done", colour: "good" };
    case "failed":
      return { text: "Failed", colour: "bad" };
    case "running":
      if (retrying !== undefined) return { text: "Retrying", colour: "wait" };
      if (phase === "waiting") return { text: waits[waitingFor ?? ""] ?? "Waiting", colour: "wait" };
      // Stopped with its daemon, which takes it up when it runs again.
      if (phase === "paused") return { text: "Paused", colour: "idle" };
      if (phase === "checking") {
        const share = hashed && ` · ${percent(hashed.bytes, hashed.size)}`;
        return { text: `Checking the whole${share ?? ""}`, colour: "busy" };
      }
      if (phase === "starting") return { text: "Starting", colour: "busy" };
      if (recovering > 0)
        return { text: `Recovering ${recovering} ${recovering === 1 ? "chunk" : "chunks"}`, colour: "wait" };
      return { text: "Downloading", colour: "busy" };
  }
}

/** State of a download for those who hear it: what may change many times a second, such as chunks that recover, is left out. */
export function stateSaid({ hashed: _hashed, ...row }: DownloadRow): string {
  return stateWords({ ...row, recovering: 0 }).text;
}

/** Words of what is wrong with a download that failed, or is tried again; nothing where nothing is. */
export function wrongWords({
  error,
  retrying,
}: DownloadRow): { readonly code: string; readonly text: string } | undefined {
  if (error !== undefined) return { code: error.code, text: error.message };
  if (retrying === undefined) return undefined;
  const { code, message, at } = retrying;
  return { code, text: at === undefined ? message : `${message}; it is tried again at ${timeOfDay(at)}` };
}

/** Words of those of the downloads that were added which were in the list already; nothing where there are none. */
export function knownWords(rows: readonly DownloadRow[], known: readonly number[]): string | undefined {
  const [first, ...others] = rows.filter(({ id }) => known.includes(id));
  if (first === undefined) return undefined;
  const one = `${titleOf(first)} is in the list already (${stateWords(first).text.toLowerCase()})`;
  if (others.length === 0) return `${one}.`;
  return `${one}, and so ${others.length === 1 ? "is another" : `are ${others.length} others`}.`;
}
