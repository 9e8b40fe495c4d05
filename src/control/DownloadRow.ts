import * as v from "valibot";
import type { DownloadPhase } from "../download/DownloadState.js";
import { amount, moment, natural, positive, text } from "./shapes.js";

/** Rank of a download among those that wait: the next one is the first of the highest rank. */
export type Priority = "high" | "normal" | "low";

export const priorities = ["high", "normal", "low"] as const satisfies readonly Priority[];

/**
 * State of a download of a manager.
 *
 * - `waiting`: its turn has not come, or its Metalink is read; `running`: `phase` says more
 * - `paused`, `cancelled`: somebody wished so; `resume` and `retry` put it in line again
 * - `completed`, `failed`: it has ended, and is listed until it is removed
 */
export type ManagedState = "waiting" | "running" | "paused" | "cancelled" | "completed" | "failed";

export const downloadStates = [
  "waiting",
  "running",
  "paused",
  "cancelled",
  "completed",
  "failed",
] as const satisfies readonly ManagedState[];

const phases = ["starting", "downloading", "waiting", "checking", "completed", "paused", "failed"] as const;

/** One download as a list shows it. */
export interface DownloadRow {
  /** Number of the download, from 1; never given twice. */
  readonly id: number;
  /** Name of the file, as far as it is known. */
  readonly name?: string;
  /** Addresses that were given, without passwords. */
  readonly sources: readonly string[];
  /** Folder that the file goes to. */
  readonly dir: string;
  /** Path of the file, once it is complete. */
  readonly path?: string;
  readonly state: ManagedState;
  /** Phase of one that runs. */
  readonly phase?: DownloadPhase;
  /**
   * Reason of the phase `waiting`: `no-peers`, `lacking` (nobody has what is lacking), `busy`, `budget` or `offline`; of the state `waiting`: `metalink` while
   * that is read.
   */
  readonly waitingFor?: string;
  /** Bytes of the whole that are hashed, and its size, while it is. */
  readonly hashed?: { readonly bytes: number; readonly size: number };
  readonly priority: Priority;
  /** Bytes of the file, as far as they are known. */
  readonly size?: number;
  /** Bytes that are here. */
  readonly done: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft?: number;
  /** Peers that can be asked. */
  readonly peers: number;
  /** Retries of chunks, in this run. */
  readonly retries: number;
  /** Chunks that failed and are fetched again. */
  readonly recovering: number;
  /** The failure that it gets over by trying again, while nothing comes; `at`: wall time of the next try, ms since the epoch. */
  readonly retrying?: { readonly code: string; readonly message: string; readonly at?: number };
  /** The failure it ended with. */
  readonly error?: { readonly code: string; readonly message: string };
  /** True when what was here of a cancelled download was removed with it. */
  readonly removed?: boolean;
  /** Wall time, ms since the epoch. */
  readonly addedAt: number;
  readonly endedAt?: number;
}

/** All downloads of a manager together. */
export interface ManagerTotal {
  /** Bytes that came a second, of late. */
  readonly bytesPerSecond: number;
  /** Downloads by state; states without one are left out. */
  readonly counts: { readonly [State in ManagedState]?: number };
}

export const rowSchema = v.object({
  id: positive,
  name: v.exactOptional(text),
  sources: v.pipe(v.array(text), v.readonly()),
  dir: text,
  path: v.exactOptional(text),
  state: v.picklist(downloadStates),
  phase: v.exactOptional(v.picklist(phases)),
  waitingFor: v.exactOptional(text),
  hashed: v.exactOptional(v.object({ bytes: natural, size: natural })),
  priority: v.picklist(priorities),
  size: v.exactOptional(natural),
  done: natural,
  bytesPerSecond: amount,
  secondsLeft: v.exactOptional(amount),
  peers: natural,
  retries: natural,
  recovering: natural,
  retrying: v.exactOptional(v.object({ code: text, message: text, at: v.exactOptional(moment) })),
  error: v.exactOptional(v.object({ code: text, message: text })),
  removed: v.exactOptional(v.boolean()),
  addedAt: moment,
  endedAt: v.exactOptional(moment),
}) satisfies v.GenericSchema<unknown, DownloadRow>;

export const totalSchema = v.object({
  bytesPerSecond: amount,
  counts: v.record(v.picklist(downloadStates), v.exactOptional(natural)),
}) satisfies v.GenericSchema<unknown, ManagerTotal>;
