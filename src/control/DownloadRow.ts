import * as v from "valibot";
import { amount, moment, natural, positive, text } from "./shapes.js";

export const priorities = ["high", "normal", "low"] as const;
/** Rank of a download among those that wait: the next one is the first of the highest rank. */
export type Priority = (typeof priorities)[number];

/**
 * State of a download of a manager.
 *
 * - `waiting`: its turn has not come, or its Metalink is read; `running`: `phase` says more
 * - `paused`, `cancelled`: somebody wished so; `resume` and `retry` put it in line again
 * - `completed`, `failed`: it has ended, and is listed until it is removed
 */
export const downloadStates = ["waiting", "running", "paused", "cancelled", "completed", "failed"] as const;
export type ManagedState = (typeof downloadStates)[number];

const phases = ["starting", "downloading", "waiting", "checking", "completed", "paused", "failed"] as const;

/** One download as a list shows it. */
export const rowSchema = v.object({
  /** Number of the download, from 1; never given twice. */
  id: positive,
  /** Name of the file, as far as it is known. */
  name: v.exactOptional(text),
  /** Addresses that were given, without passwords. */
  sources: v.array(text),
  /** Folder that the file goes to. */
  dir: text,
  /** Path of the file, once it is complete. */
  path: v.exactOptional(text),
  state: v.picklist(downloadStates),
  /** Phase of one that runs. */
  phase: v.exactOptional(v.picklist(phases)),
  /** Reason of the phase `waiting`: `no-peers`, `busy`, `budget` or `offline`. */
  waitingFor: v.exactOptional(text),
  priority: v.picklist(priorities),
  /** Bytes of the file, as far as they are known. */
  size: v.exactOptional(natural),
  /** Bytes that are here. */
  done: natural,
  bytesPerSecond: amount,
  secondsLeft: v.exactOptional(amount),
  /** Peers that can be asked. */
  peers: natural,
  /** Retries of chunks, in this run. */
  retries: natural,
  /** Chunks that failed and are fetched again. */
  recovering: natural,
  /** The failure it ended with. */
  error: v.exactOptional(v.object({ code: text, message: text })),
  /** True when what was here of a cancelled download was removed with it. */
  removed: v.exactOptional(v.boolean()),
  addedAt: moment,
  endedAt: v.exactOptional(moment),
});
export type DownloadRow = v.InferOutput<typeof rowSchema>;

/** All downloads of a manager together. */
export const totalSchema = v.object({
  /** Bytes that came a second, of late. */
  bytesPerSecond: amount,
  /** Downloads by state; states without one are left out. */
  counts: v.record(v.picklist(downloadStates), v.exactOptional(natural)),
});
export type ManagerTotal = v.InferOutput<typeof totalSchema>;
