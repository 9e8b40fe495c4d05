import * as v from "valibot";
import { amount, count } from "./amounts.js";
import { mostBringers } from "./Checkpoint.js";
import { metPeerSchema } from "./metPeerSchema.js";
import { peerRecordSchema } from "./SavedPeerRecord.js";

/** The version that this program writes, and the newest that it reads. */
export const checkpointVersion = 1;

const index = v.pipe(v.string(), v.regex(/^(0|[1-9]\d*)$/));
const base64 = v.pipe(v.string(), v.base64());

const chunkRetryState = v.object({
  chunkIndex: count,
  attemptCount: count,
  lastAttempt: amount,
  lastPeer: v.exactOptional(v.string()),
  lastError: v.exactOptional(v.string()),
});

/** A checkpoint as JSON: the same as `Checkpoint`, but for its bytes, which are base64. */
export const checkpointSchema = v.object({
  version: v.literal(checkpointVersion),
  root: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  name: v.string(),
  size: count,
  chunkSize: v.pipe(count, v.minValue(1)),
  complete: base64,
  frontiers: v.record(index, count),
  sums: v.exactOptional(base64),
  frontierSums: v.exactOptional(v.record(index, count)),
  bringers: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(mostBringers))),
  broughtBy: v.exactOptional(base64),
  failed: v.array(chunkRetryState),
  peers: v.record(v.string(), peerRecordSchema),
  met: v.exactOptional(v.array(metPeerSchema)),
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
