import * as v from "valibot";
import { natural } from "./shapes.js";

/** Figures of one day, of all downloads together. */
export interface DayStatistics {
  /** The day where the daemon runs, as `2026-11-29`. */
  readonly day: string;
  /** Bytes that came over the wire. */
  readonly received: number;
  /** Downloads that were completed. */
  readonly completed: number;
  /** Bytes of their files. */
  readonly completedBytes: number;
  /** Downloads that failed. */
  readonly failed: number;
  /** Retries of chunks. */
  readonly retries: number;
  /** Chunks that went on with another peer. */
  readonly switches: number;
  /** Chunks that failed and were had in the end. */
  readonly recovered: number;
}

const figures = ["received", "completed", "completedBytes", "failed", "retries", "switches", "recovered"] as const;

export const daySchema = v.object({
  day: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/, "Expected a day such as 2026-11-29")),
  ...v.entriesFromList(figures, natural),
}) satisfies v.GenericSchema<unknown, DayStatistics>;
