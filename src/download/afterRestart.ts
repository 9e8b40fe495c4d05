import { addCounts, sumOf } from "../storage/counts.js";
import type { Account } from "./Account.js";

/**
 * The account of a download that was begun anew, with what came before: that is received too, and wasted but for what was found on the disk
 * again.
 */
export function afterRestart(before: Account, account: Account): Account {
  const cameFromDisk = Math.min(account.resumed, before.resumed);
  const takenUp = account.resumed - cameFromDisk;
  const lost = Math.max(0, before.received - sumOf(before.waste) - takenUp);
  return {
    ...account,
    resumed: cameFromDisk,
    received: before.received + account.received,
    bytesByPeer: addCounts(before.bytesByPeer, account.bytesByPeer),
    waste: addCounts(before.waste, account.waste, lost > 0 ? { restart: lost } : {}),
    retries: addCounts(before.retries, account.retries),
    waits: addCounts(before.waits, account.waits),
    continuations: before.continuations + account.continuations,
    switches: before.switches + account.switches,
    hedges: addCounts(before.hedges, account.hedges),
    troubledChunks: before.troubledChunks + account.troubledChunks,
    recoveredChunks: before.recoveredChunks + account.recoveredChunks,
    longestRecoveryMs: Math.max(before.longestRecoveryMs, account.longestRecoveryMs),
    resumes: Math.min(before.resumes, account.resumes),
    elapsedMs: before.elapsedMs + account.elapsedMs,
  };
}
