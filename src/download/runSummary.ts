import type { RunOutcome, RunSummary } from "../storage/Totals.js";
import type { Account } from "./Account.js";

/** What a run adds to the totals of all. `endedAt` is wall time, ms since the epoch. */
export function runSummary(account: Account, outcome: RunOutcome, endedAt: number): RunSummary {
  const { received, waste, retries, continuations, switches } = account;
  const { troubledChunks, recoveredChunks, longestRecoveryMs } = account;
  return {
    outcome,
    endedAt,
    resumed: account.resumes > 0,
    // What is of earlier runs is in their summaries.
    verified: Math.max(0, account.verified - account.resumed),
    ...{ received, waste, retries, continuations, switches },
    ...{ troubledChunks, recoveredChunks, longestRecoveryMs },
  };
}
