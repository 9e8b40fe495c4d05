import type { Account } from "./Account.js";

/**
 * The account of a download that was begun anew, with what came before: that is received too, and wasted but for what was found on the disk
 * again.
 */
export function afterRestart(before: Account, account: Account): Account {
  const cameFromDisk = Math.min(account.resumed, before.resumed);
  const takenUp = account.resumed - cameFromDisk;
  const lost = Math.max(0, before.received - total(before.waste) - takenUp);
  return {
    ...account,
    resumed: cameFromDisk,
    received: before.received + account.received,
    bytesByPeer: sum(before.bytesByPeer, account.bytesByPeer),
    waste: sum(before.waste, account.waste, lost > 0 ? { restart: lost } : {}),
    retries: sum(before.retries, account.retries),
    waits: sum(before.waits, account.waits),
    continuations: before.continuations + account.continuations,
    switches: before.switches + account.switches,
    hedges: sum(before.hedges, account.hedges),
    troubledChunks: before.troubledChunks + account.troubledChunks,
    recoveredChunks: before.recoveredChunks + account.recoveredChunks,
    longestRecoveryMs: Math.max(before.longestRecoveryMs, account.longestRecoveryMs),
    resumes: Math.min(before.resumes, account.resumes),
    elapsedMs: before.elapsedMs + account.elapsedMs,
  };
}

type Counts = Readonly<Record<string, number>>;

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function sum(...all: readonly Counts[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
