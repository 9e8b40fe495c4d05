import type { Checks, Integrity } from "../manifest/Manifest.js";
import { addCounts, sumOf } from "../storage/counts.js";
import { type Figures, largest, latest, sum, total, totals, totalsBy, zeros } from "../storage/Figure.js";
import { runFigures, type RunOutcome, type RunSummary } from "../storage/Totals.js";
import type { HedgeReason } from "../transfer/TransferEvent.js";
import type { WasteReason } from "../transfer/TransferParts.js";

export type WaitReason = "no-peers" | "busy" | "budget" | "offline";

const figures = {
  size: latest(0),
  /** How its bytes were verified. */
  integrity: latest<Integrity>("chunks"),
  /** Functions by which the bytes were checked. */
  checks: latest<Checks>({}),
  /** Bytes of complete chunks, those found on disk included: all of them are in place, and match their digest where one is known. */
  done: total,
  /** Bytes of complete chunks that a digest proves: each chunk's, or that of the whole once it has matched; 0 where digests are weak or not known. */
  verified: total,
  /** Bytes that came over the wire, in this run. */
  received: total,
  /** Bytes found on disk by this run. */
  resumed: total,
  /** Received bytes, by peer id. */
  bytesByPeer: totals,
  /** Bytes received in vain, by reason. */
  waste: totalsBy<WasteReason>(),
  /** Retries, by the code of the failure that caused them. */
  retries: totals,
  /** Waits that were no retries, by cause. */
  waits: totalsBy<WaitReason>(),
  continuations: total,
  switches: total,
  /** Second legs, by the reason that they were started for. */
  hedges: totalsBy<HedgeReason>(),
  /** Chunks that failed at least once. */
  troubledChunks: total,
  /** Troubled chunks that were verified in the end. */
  recoveredChunks: total,
  /** Longest time from a chunk's first failure to its verification, ms. */
  longestRecoveryMs: largest,
  failedChunks: total,
  /** How often this download was taken up again, by any run. */
  resumes: total,
  elapsedMs: total,
};

/** Where every byte and every second of a download went. */
export type Account = Figures<typeof figures>;

/** Addition of an event, or of another part of a download, to its account. */
export type AccountEntry = Partial<Account>;

export const emptyAccount: Account = zeros(figures);

/** Sum of the entries and an account; a figure that no entry speaks of stays as it is. */
export function addAccounts(account: Account, ...entries: readonly AccountEntry[]): Account {
  return entries.reduce<Account>((all, entry) => sum(figures, all, entry), account);
}

/** The account of a download that was begun anew: what came before is received too, and wasted but for what was found on the disk again. */
export function addRestart(before: Account, account: Account): Account {
  const resumed = Math.min(account.resumed, before.resumed);
  const restart = Math.max(0, before.received - sumOf(before.waste) - (account.resumed - resumed));
  const waste = restart > 0 ? addCounts(before.waste, { restart }) : before.waste;
  const resumes = Math.min(before.resumes, account.resumes);
  const kept = { ...before, done: 0, verified: 0, resumed: 0, failedChunks: 0, resumes: 0, waste };
  return addAccounts(kept, { ...account, resumed, resumes });
}

/** Addition of a run to the totals of all. `endedAt` is wall time, ms since the epoch. */
export function runSummary(account: Account, outcome: RunOutcome, endedAt: number): RunSummary {
  // Bytes of earlier runs are in their summaries.
  const own = { ...account, verified: Math.max(0, account.verified - account.resumed) };
  const named = Object.keys(runFigures) as readonly (keyof typeof runFigures)[];
  const counted = Object.fromEntries(named.map((name) => [name, own[name]])) as Figures<typeof runFigures>;
  return { outcome, endedAt, resumed: account.resumes > 0, ...counted };
}
