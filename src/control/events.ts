import * as v from "valibot";
import type { DownloadEvent, DownloadEventType } from "../download/DownloadEvent.js";
import { type DownloadState, initialState, type RecentLine } from "../download/DownloadState.js";
import { moment, natural, text } from "./shapes.js";

/** An event as `download` tells it. A type that is not known changes nothing, so that a daemon may be newer than its client. */
export const eventSchema = v.pipe(
  v.looseObject({ type: text, at: moment }),
  v.transform((event) => event as unknown as DownloadEvent),
);

/** A fold of events, as `reduce` makes it. */
export const stateSchema = v.pipe(
  v.looseObject({
    phase: text,
    at: moment,
    done: natural,
    received: natural,
    chunks: v.looseObject({ total: natural, done: natural }),
    open: v.record(text, v.looseObject({ attempt: natural })),
    givenUp: v.array(natural),
    peers: v.array(v.looseObject({ id: text, state: text })),
    recent: v.array(v.looseObject({ at: moment, text })),
  }),
  v.transform((state): DownloadState => ({ ...initialState, ...(state as unknown as DownloadState) })),
);

export const lineSchema = v.pipe(
  v.object({ at: moment, type: text, text }),
  v.transform((line): RecentLine => ({ ...line, type: line.type as DownloadEventType })),
);
