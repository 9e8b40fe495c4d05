import * as v from "valibot";
import { natural } from "./shapes.js";

/** Figures of one day, of all downloads together. */
export const daySchema = v.object({
  /** The day where the daemon runs, as `2026-11-29`. */
  day: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/, "Expected a day such as 2026-11-29")),
  /** Bytes that came over the wire. */
  received: natural,
  /** Downloads that were completed. */
  completed: natural,
  /** Bytes of their files. */
  completedBytes: natural,
  failed: natural,
  /** Retries of chunks. */
  retries: natural,
  /** Chunks that went on with another peer. */
  switches: natural,
  /** Chunks that failed and were had in the end. */
  recovered: natural,
});
export type DayStatistics = v.InferOutput<typeof daySchema>;
