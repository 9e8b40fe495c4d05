import type { Sha256 } from "./Hasher.js";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/**
 * The Merkle tree hash of RFC 6962, section 2.1, 32 bytes.
 *
 * The RFC splits n leaves at the largest power of two below n. Read from the left this is a binary counter: two subtrees of
 * equal height merge as soon as the second is whole, and what is left at the end merges from the right. So each leaf is
 * looked at once, and log2(n) hashes are kept.
 */
export function merkleRoot(leaves: Iterable<Uint8Array>, sha256: Sha256): Uint8Array {
  const subtrees: Uint8Array[] = [];
  let count = 0;
  for (const leaf of leaves) {
    subtrees.push(hash(sha256, leafPrefix, leaf));
    count += 1;
    for (let rest = count; rest % 2 === 0; rest /= 2) mergeLastTwo(subtrees, sha256);
  }
  while (subtrees.length > 1) mergeLastTwo(subtrees, sha256);
  return subtrees[0] ?? hash(sha256);
}

function mergeLastTwo(subtrees: Uint8Array[], sha256: Sha256): void {
  const [left, right] = subtrees.splice(-2) as [Uint8Array, Uint8Array];
  subtrees.push(hash(sha256, nodePrefix, left, right));
}

function hash(sha256: Sha256, ...parts: readonly Uint8Array[]): Uint8Array {
  const hasher = sha256();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
