import type { DownloadState } from "./DownloadState.js";
import type { Folds } from "./foldEvent.js";
import { isTrouble } from "./Recovery.js";

type Retrying = DownloadState["retrying"];

const over = (): undefined => undefined;

/** The failure that a download waits out, by events: the last one, until something comes, with the time of the next try. */
export const retrying: Folds<Retrying> = {
  "question-failed": (_, { code, message, untilMs }) => ({ code, message, ...(untilMs !== undefined && { untilMs }) }),
  "question-retried": (state, { untilMs }) => state && { ...state, untilMs },
  "attempt-failed": (state, event) => {
    if (event.continued || !isTrouble(event)) return state;
    const { code, message } = event;
    return { code, message, ...(state?.untilMs !== undefined && { untilMs: state.untilMs }) };
  },
  // Of several chunks that wait, the first one that is due says when.
  "retry-scheduled": (state, { at, delayMs }) => {
    if (state === undefined) return state;
    const { untilMs = 0 } = state;
    return { ...state, untilMs: untilMs > at ? Math.min(untilMs, at + delayMs) : at + delayMs };
  },
  "chunk-verified": over,
  "chunk-stored": over,
  "download-started": over,
  "download-completed": over,
  "download-paused": over,
  "download-failed": over,
};
