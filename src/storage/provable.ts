import { chunkCount } from "../manifest/chunks.js";
import { Bitmap } from "./Bitmap.js";
import type { Checkpoint } from "./Checkpoint.js";
import { ChunkSums } from "./ChunkSums.js";

/** A checkpoint that claims, of a file without digests, only bytes whose CRC-32 it has. */
export function provable(checkpoint: Checkpoint): Checkpoint {
  const { complete, frontiers, sums, frontierSums = {} } = checkpoint;
  const count = chunkCount(checkpoint);
  const known = sums === undefined ? new ChunkSums(count) : ChunkSums.from(sums, count);
  const unknown = Array.from({ length: count }, (_, index) => index).filter((index) => known.get(index) === undefined);
  return {
    ...checkpoint,
    complete: Bitmap.from(complete, count).without(unknown).toBytes(),
    frontiers: Object.fromEntries(Object.entries(frontiers).filter(([index]) => Object.hasOwn(frontierSums, index))),
  };
}
