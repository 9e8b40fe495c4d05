import type { DownloadErrorCode } from "../errors/verdicts.js";
import { type Figures, largest, sum, total, totals, zeros } from "./Figure.js";

/** How a run of a download ended: the code is that of its failure. Being left counts as being paused. */
export type RunOutcome = "completed" | "paused" | DownloadErrorCode;

/** Figures that one run adds to the totals, taken from its account by their names; `parseCatalogue` reads them as they were saved. */
export const runFigures = {
  /** Bytes that it verified. */
  verified: total,
  /** Bytes that came over the wire. */
  received: total,
  /** Bytes received in vain, by reason. */
  waste: totals,
  /** Retries, by the code of the failure that caused them. */
  retries: totals,
  continuations: total,
  switches: total,
  /** Chunks that failed at least once. */
  troubledChunks: total,
  /** Troubled chunks that were verified in the end. */
  recoveredChunks: total,
  longestRecoveryMs: largest,
};

/** Addition of one run to the totals. */
export interface RunSummary extends Figures<typeof runFigures> {
  readonly outcome: RunOutcome;
  /** Wall time, ms since the epoch. */
  readonly endedAt: number;
  /** True when the run took up what an earlier run left. */
  readonly resumed: boolean;
}

const figures = {
  runs: total,
  completed: total,
  paused: total,
  /** Runs, by the code that they failed with. */
  failed: totals,
  /** Runs that took up another. */
  resumed: total,
  ...runFigures,
};

/** Totals of all runs. */
export interface Totals extends Figures<typeof figures> {
  /** Wall time at which the first one ended, ms since the epoch. */
  readonly since?: number;
}

export const noTotals: Totals = zeros(figures);

/** The totals with one more run. */
export function withRun({ since, ...totals }: Totals, { outcome, endedAt, resumed, ...run }: RunSummary): Totals {
  const ended = outcome === "completed" || outcome === "paused" ? { [outcome]: 1 } : { failed: { [outcome]: 1 } };
  return { since: since ?? endedAt, ...sum(figures, totals, { runs: 1, ...ended, resumed: Number(resumed), ...run }) };
}
