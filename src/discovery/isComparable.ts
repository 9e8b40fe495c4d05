import type { MirrorAnswer } from "./Mirror.js";

/** True when a mirror's file can be compared with that of others: by parts of it, or because nothing is in it. */
export function isComparable({ ranges, size }: Pick<MirrorAnswer, "ranges" | "size">): boolean {
  return ranges || size === 0;
}
