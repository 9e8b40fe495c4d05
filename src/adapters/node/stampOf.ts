import type { BigIntStats } from "node:fs";

/** The stamp of a file, by which its bytes are known without being read: size in bytes and time of change in ns. */
export function stampOf({ size, mtimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}`;
}
