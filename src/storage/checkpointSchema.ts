import * as v from "valibot";
import { amount, count } from "./amounts.js";
import { peerRecordSchema } from "./SavedPeerRecord.js";

/** The version that this program writes, and the newest that it reads. */
export const checkpointVersion = 1;

const chunkRetryState = v.object({
  chunkIndex: count,
  attemptCount: count,
  lastAttempt: amount,
  lastPeer: v.exactOptional(v.string()),
  lastError: v.exactOptional(v.string()),
});

/** A checkpoint as JSON: the same as `Checkpoint`, but for the bitmap, which is base64. */
export const checkpointSchema = v.object({
  version: v.literal(checkpointVersion),
  root: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  name: v.string(),
  size: count,
  chunkSize: v.pipe(count, v.minValue(1)),
  complete: v.pipe(v.string(), v.base64()),
  frontiers: v.record(v.pipe(v.string(), v.regex(/^(0|[1-9]\d*)$/)), count),
  failed: v.array(chunkRetryState),
  peers: v.record(v.string(), peerRecordSchema),
  mirrors: v.exactOptional(
    v.record(
      v.string(),
      v.object({
        etag: v.exactOptional(v.string()),
        lastModified: v.exactOptional(v.string()),
        ranges: v.exactOptional(v.literal(true)),
        type: v.exactOptional(v.string()),
      }),
    ),
  ),
  resumes: count,
  cleanStamp: v.exactOptional(v.string()),
  savedAt: amount,
});

export type CheckpointJson = v.InferOutput<typeof checkpointSchema>;
