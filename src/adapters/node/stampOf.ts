import type { BigIntStats } from "node:fs";

/** What a file's bytes are known by without reading them. */
export function stampOf({ size, mtimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}`;
}
