import { toBase64 } from "./base64.js";
import type { Checkpoint } from "./Checkpoint.js";
import type { CheckpointJson } from "./checkpointSchema.js";

/** How much of what grows with trouble, not with the file, a record keeps. */
export const checkpointLimits = { failed: 1000, peers: 1000, frontiers: 10_000 } as const;

/**
 * A checkpoint as plain JSON. The size is bounded: of failed chunks and peers the latest and most used are kept, of
 * frontiers the longest; all three only save time, none is needed to go on.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): CheckpointJson {
  return {
    ...checkpoint,
    complete: toBase64(checkpoint.complete),
    frontiers: most(checkpoint.frontiers, checkpointLimits.frontiers, (bytes) => bytes),
    failed: checkpoint.failed
      .toSorted((a, b) => b.lastAttempt - a.lastAttempt)
      .slice(0, checkpointLimits.failed)
      .toSorted((a, b) => a.chunkIndex - b.chunkIndex),
    peers: most(checkpoint.peers, checkpointLimits.peers, ({ ok, failed }) => ok + failed),
  };
}

/** The `limit` entries that weigh most. */
function most<T>(record: Readonly<Record<string, T>>, limit: number, weight: (value: T) => number): Record<string, T> {
  const entries = Object.entries(record);
  if (entries.length <= limit) return { ...record };
  return Object.fromEntries(entries.toSorted((a, b) => weight(b[1]) - weight(a[1])).slice(0, limit));
}
