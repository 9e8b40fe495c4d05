import type { Manifest } from "../manifest/Manifest.js";
import type { Bitmap } from "./Bitmap.js";

/** Bytes of the chunks that are complete; the last chunk of a file may be shorter. */
export function completeBytes({ size, chunkSize }: Pick<Manifest, "size" | "chunkSize">, complete: Bitmap): number {
  const { count, length } = complete;
  const missingTail = length > 0 && complete.has(length - 1) ? length * chunkSize - size : 0;
  return count * chunkSize - missingTail;
}
