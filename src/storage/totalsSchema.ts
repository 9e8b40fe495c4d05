import * as v from "valibot";
import { amount, count } from "./amounts.js";

const byName = v.record(v.string(), amount);

/** Totals as they were saved. A figure that 0.1.0 does not write is to be optional here, and zero where it is absent. */
export const totalsSchema = v.object({
  since: v.exactOptional(amount),
  runs: count,
  completed: count,
  paused: count,
  failed: byName,
  resumed: count,
  verified: amount,
  received: amount,
  waste: byName,
  retries: byName,
  continuations: count,
  switches: count,
  troubledChunks: count,
  recoveredChunks: count,
  longestRecoveryMs: amount,
});
