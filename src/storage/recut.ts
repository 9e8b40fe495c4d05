import { chunkCount } from "../manifest/chunks.js";
import { Bitmap } from "./Bitmap.js";
import type { Checkpoint } from "./Checkpoint.js";

/**
 * The claims of a checkpoint for chunks of another size: of each chunk the bytes from its start on that were claimed. Bytes behind a gap of
 * their chunk are claimed no more. What was known of whole chunks, sums and bringers, is known no more.
 */
export function recut(checkpoint: Checkpoint, chunkSize: number): Checkpoint {
  const { size, chunkSize: before } = checkpoint;
  if (before === chunkSize) return checkpoint;
  const claimed = Bitmap.from(checkpoint.complete, chunkCount({ size, chunkSize: before }));
  const lengthOf = (index: number): number => {
    return claimed.has(index) ? Math.min(before, size - index * before) : (checkpoint.frontiers[index] ?? 0);
  };
  const count = chunkCount({ size, chunkSize });
  const complete = new Uint8Array(Math.ceil(count / 8));
  const frontiers: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const start = index * chunkSize;
    const end = Math.min(start + chunkSize, size);
    let reached = start;
    for (let old = Math.floor(start / before); old < claimed.length; old++) {
      const oldEnd = old * before + lengthOf(old);
      if (oldEnd <= reached) break;
      reached = Math.min(end, oldEnd);
      if (reached === end || !claimed.has(old)) break;
    }
    if (reached === end) complete[index >> 3] = (complete[index >> 3] ?? 0) | (1 << (index % 8));
    else if (reached > start) frontiers[index] = reached - start;
  }
  const { sums: _sums, frontierSums: _frontierSums, bringers: _bringers, broughtBy: _broughtBy, ...rest } = checkpoint;
  return { ...rest, chunkSize, complete, frontiers };
}
