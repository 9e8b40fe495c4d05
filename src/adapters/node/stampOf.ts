import type { BigIntStats } from "node:fs";

/**
 * What a file's bytes are known by without reading them: size, and when bytes and entry last changed. The second time is
 * there because anybody can set the first.
 */
export function stampOf({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ctimeNs}`;
}
