import type { InferOutput } from "valibot";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { addCounts } from "./counts.js";
import type { totalsSchema } from "./totalsSchema.js";

/** How a run of a download ended: the code is that of its failure. Being left counts as being paused. */
export type RunOutcome = "completed" | "paused" | DownloadErrorCode;

/** What one run adds to the totals. */
export interface RunSummary {
  readonly outcome: RunOutcome;
  /** Wall time, ms since the epoch. */
  readonly endedAt: number;
  /** Whether it took up what an earlier run left. */
  readonly resumed: boolean;
  /** Bytes that it verified, and bytes that came over the wire. */
  readonly verified: number;
  readonly received: number;
  /** Bytes received in vain, by reason. */
  readonly waste: Readonly<Record<string, number>>;
  /** Retries, by the code of the failure that caused them. */
  readonly retries: Readonly<Record<string, number>>;
  readonly continuations: number;
  readonly switches: number;
  /** Chunks that failed at least once, and those of them that were verified in the end. */
  readonly troubledChunks: number;
  readonly recoveredChunks: number;
  readonly longestRecoveryMs: number;
}

/** All runs together. `since` is the wall time at which the first one ended, `failed` counts runs by code, `resumed` those that took up another. */
export type Totals = Readonly<InferOutput<typeof totalsSchema>>;

export const noTotals: Totals = {
  ...{ runs: 0, completed: 0, paused: 0, failed: {}, resumed: 0 },
  ...{ verified: 0, received: 0, waste: {}, retries: {}, continuations: 0, switches: 0 },
  ...{ troubledChunks: 0, recoveredChunks: 0, longestRecoveryMs: 0 },
};

/** The totals with one more run. */
export function withRun(totals: Totals, run: RunSummary): Totals {
  const { outcome } = run;
  const failed = outcome === "completed" || outcome === "paused" ? {} : { [outcome]: 1 };
  return {
    since: totals.since ?? run.endedAt,
    runs: totals.runs + 1,
    completed: totals.completed + Number(outcome === "completed"),
    paused: totals.paused + Number(outcome === "paused"),
    failed: addCounts(totals.failed, failed),
    resumed: totals.resumed + Number(run.resumed),
    verified: totals.verified + run.verified,
    received: totals.received + run.received,
    waste: addCounts(totals.waste, run.waste),
    retries: addCounts(totals.retries, run.retries),
    continuations: totals.continuations + run.continuations,
    switches: totals.switches + run.switches,
    troubledChunks: totals.troubledChunks + run.troubledChunks,
    recoveredChunks: totals.recoveredChunks + run.recoveredChunks,
    longestRecoveryMs: Math.max(totals.longestRecoveryMs, run.longestRecoveryMs),
  };
}
