import type { FileFacts, Manifest } from "./Manifest.js";

/** The manifest in what is known of a file, by which it can be asked of others; `undefined` where the root is not that of SHA-256 digests of its chunks. */
export function manifestIn(facts: FileFacts): Manifest | undefined {
  const { root, name, size, chunkSize, digests, digestType = "sha-256", digestsFound = false } = facts;
  if (digests === undefined || digestType !== "sha-256" || digestsFound) return undefined;
  return { root, name, size, chunkSize, digests };
}
