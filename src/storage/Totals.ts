import type { DownloadErrorCode } from "../errors/verdicts.js";
import { type FigureTable, largest, sum, total, totals, zeros } from "./Figure.js";

/** How a run of a download ended: the code is that of its failure. Being left counts as being paused. */
export type RunOutcome = "completed" | "paused" | DownloadErrorCode;

/** Addition of one run to the totals: figures of its account by their names, and how it ended. */
export interface RunSummary {
  readonly outcome: RunOutcome;
  /** Wall time, ms since the epoch. */
  readonly endedAt: number;
  /** True when the run took up what an earlier run left. */
  readonly resumed: boolean;
  /** Bytes that were verified. */
  readonly verified: number;
  /** Bytes that came over the wire. */
  readonly received: number;
  /** Bytes received in vain, by reason. */
  readonly waste: Readonly<Record<string, number>>;
  /** Retries, by the code of the failure that caused them. */
  readonly retries: Readonly<Record<string, number>>;
  readonly continuations: number;
  readonly switches: number;
  /** Chunks that failed at least once. */
  readonly troubledChunks: number;
  /** Troubled chunks that were verified in the end. */
  readonly recoveredChunks: number;
  /** Longest time from a chunk's first failure to its verification, ms. */
  readonly longestRecoveryMs: number;
}

/** Figures that runs and their totals have alike. */
export type RunFigures = Omit<RunSummary, "outcome" | "endedAt" | "resumed">;

/** How the figures of runs add up; `parseCatalogue` reads them as they were saved. */
export const runFigures: FigureTable<RunFigures> = {
  verified: total,
  received: total,
  waste: totals,
  retries: totals,
  continuations: total,
  switches: total,
  troubledChunks: total,
  recoveredChunks: total,
  longestRecoveryMs: largest,
};

/** Totals of all runs. */
export interface Totals extends Omit<RunSummary, "outcome" | "endedAt" | "resumed"> {
  readonly runs: number;
  readonly completed: number;
  readonly paused: number;
  /** Runs, by the code that they failed with. */
  readonly failed: Readonly<Record<string, number>>;
  /** Runs that took up another. */
  readonly resumed: number;
  /** Wall time at which the first one ended, ms since the epoch. */
  readonly since?: number;
}

const figures: FigureTable<Omit<Totals, "since">> = {
  runs: total,
  completed: total,
  paused: total,
  failed: totals,
  resumed: total,
  ...runFigures,
};

export const noTotals: Totals = zeros(figures);

/** The totals with one more run. */
export function withRun({ since, ...totals }: Totals, { outcome, endedAt, resumed, ...run }: RunSummary): Totals {
  const ended = outcome === "completed" || outcome === "paused" ? { [outcome]: 1 } : { failed: { [outcome]: 1 } };
  return { since: since ?? endedAt, ...sum(figures, totals, { runs: 1, ...ended, resumed: Number(resumed), ...run }) };
}
