import type { Checks, Integrity } from "../manifest/Manifest.js";
import { addCounts, sumOf } from "../storage/counts.js";
import { type FigureTable, largest, latest, sum, total, totals, totalsBy, zeros } from "../storage/Figure.js";
import { type RunFigures, runFigures, type RunOutcome, type RunSummary } from "../storage/Totals.js";
import type { HedgeReason } from "../transfer/TransferEvent.js";
import type { WasteReason } from "../transfer/TransferParts.js";

export type WaitReason = "no-peers" | "lacking" | "busy" | "budget" | "offline";

/** Where every byte and every second of a download went. */
export interface Account {
  /** Size of the file, bytes. */
  readonly size: number;
  /** How its bytes were verified. */
  readonly integrity: Integrity;
  /** Functions by which the bytes were checked. */
  readonly checks: Checks;
  /** Bytes of complete chunks, those found on disk included: all of them are in place, and match their digest where one is known. */
  readonly done: number;
  /** Bytes of complete chunks that a digest proves: each chunk's, or that of the whole once it has matched; 0 where digests are weak or not known. */
  readonly verified: number;
  /** Bytes that came over the wire, in this run. */
  readonly received: number;
  /** Bytes found on disk by this run. */
  readonly resumed: number;
  /** Received bytes, by peer id. */
  readonly bytesByPeer: Readonly<Record<string, number>>;
  /** Bytes received in vain, by reason. */
  readonly waste: Readonly<Partial<Record<WasteReason, number>>>;
  /** Retries, by the code of the failure that caused them. */
  readonly retries: Readonly<Record<string, number>>;
  /** Waits that were no retries, by cause. */
  readonly waits: Readonly<Partial<Record<WaitReason, number>>>;
  /** Chunks that went on from where a request broke, which is no retry. */
  readonly continuations: number;
  /** Chunks that went on with another peer. */
  readonly switches: number;
  /** Second legs, by the reason that they were started for. */
  readonly hedges: Readonly<Partial<Record<HedgeReason, number>>>;
  /** Chunks that failed at least once. */
  readonly troubledChunks: number;
  /** Troubled chunks that were verified in the end. */
  readonly recoveredChunks: number;
  /** Longest time from a chunk's first failure to its verification, ms. */
  readonly longestRecoveryMs: number;
  /** Chunks that were given up. */
  readonly failedChunks: number;
  /** How often this download was taken up again, by any run. */
  readonly resumes: number;
  /** Time from the start to the end, ms. */
  readonly elapsedMs: number;
}

/** Account of a download that runs: bytes of each peer are told as its chunks come. */
export type AccountSoFar = Omit<Account, "bytesByPeer">;

const figures: FigureTable<Account> = {
  size: latest(0),
  integrity: latest<Integrity>("chunks"),
  checks: latest<Checks>({}),
  done: total,
  verified: total,
  received: total,
  resumed: total,
  bytesByPeer: totals,
  waste: totalsBy<WasteReason>(),
  retries: totals,
  waits: totalsBy<WaitReason>(),
  continuations: total,
  switches: total,
  hedges: totalsBy<HedgeReason>(),
  troubledChunks: total,
  recoveredChunks: total,
  longestRecoveryMs: largest,
  failedChunks: total,
  resumes: total,
  elapsedMs: total,
};

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
  const named = Object.keys(runFigures) as readonly (keyof RunFigures)[];
  const counted = Object.fromEntries(named.map((name) => [name, own[name]])) as unknown as RunFigures;
  return { outcome, endedAt, resumed: account.resumes > 0, ...counted };
}
