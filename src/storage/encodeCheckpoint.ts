import { toBase64 } from "./base64.js";
import { type Checkpoint, mostBringers } from "./Checkpoint.js";
import type { CheckpointJson } from "./checkpointSchema.js";
import { most } from "./most.js";

const kibi = 1024;

/** How much of what grows with trouble, not with the file, a record keeps: how many, and how many characters they may take. */
export const checkpointLimits = {
  failed: { count: 1000, chars: 128 * kibi },
  peers: { count: 1000, chars: 192 * kibi },
  frontiers: { count: 5000, chars: 96 * kibi },
  met: { count: 32, chars: 8 * kibi },
  bringers: { count: mostBringers, chars: 64 * kibi },
  /** Most chunks of a file that are remembered one by one; a file of more than 2 TiB has more. */
  chunks: 32_768,
} as const;

/**
 * A checkpoint as plain JSON, of less than a MiB. Of failed chunks and peers the latest and most used are kept, of those that strangers told of the most
 * useful, of frontiers the longest, of chunks what they summed to and who brought them as long as that is not too much: all of it saves time or finds faults,
 * none is needed to go on.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): CheckpointJson {
  const { complete, frontiers, sums, frontierSums, bringers, broughtBy, failed, peers, met, ...rest } = checkpoint;
  const limits = checkpointLimits;
  const kept = Object.fromEntries(most(Object.entries(frontiers), limits.frontiers, ([, bytes]) => bytes));
  const keptSums = Object.entries(frontierSums ?? {}).filter(([index]) => Object.hasOwn(kept, index));
  const isSmall = sums !== undefined && sums.length <= 4 * limits.chunks;
  const named = most(bringers ?? [], limits.bringers, () => 0);
  return {
    ...rest,
    complete: toBase64(complete),
    frontiers: kept,
    ...(frontierSums && { frontierSums: Object.fromEntries(keptSums) }),
    ...(isSmall && { sums: toBase64(sums) }),
    ...(isSmall && broughtBy && { bringers: [...named], broughtBy: toBase64(broughtBy) }),
    failed: most(failed, limits.failed, ({ lastAttempt }) => lastAttempt).toSorted(
      (a, b) => a.chunkIndex - b.chunkIndex,
    ),
    ...(met && { met: [...most(met, limits.met, ({ bytes }) => bytes)] }),
    peers: Object.fromEntries(most(Object.entries(peers), limits.peers, ([, { ok, failed: no }]) => ok + no)),
  };
}
