import type { DownloadEvent } from "./DownloadEvent.js";
import type { DownloadState } from "./DownloadState.js";
import { isTrouble } from "./Recovery.js";

type Recovering = DownloadState["recovering"];

/** Trouble that a download is getting over, after one more event. */
export function reduceRecovery(state: Recovering, event: DownloadEvent): Recovering {
  switch (event.type) {
    case "recovering":
      return { since: event.at, code: event.code, chunks: [event.chunk] };
    case "attempt-failed":
      if (state === undefined || !isTrouble(event) || state.chunks.includes(event.chunk)) return state;
      return { ...state, chunks: [...state.chunks, event.chunk] };
    case "chunk-verified":
    case "chunk-stored":
      if (state?.chunks.includes(event.chunk) !== true) return state;
      return { ...state, chunks: state.chunks.filter((chunk) => chunk !== event.chunk) };
    case "recovered":
    case "download-started":
    case "download-completed":
    case "download-paused":
    case "download-failed":
      return undefined;
    default:
      return state;
  }
}
