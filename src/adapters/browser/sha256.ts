import { sha256 as start } from "@noble/hashes/sha2.js";
import type { Hasher } from "../../manifest/Hasher.js";

/** SHA-256 in plain JavaScript: `crypto.subtle` is for whole buffers, and chunks are hashed as they come. */
export function sha256(): Hasher {
  return nobleHasher(start.create());
}

/** A running hash of @noble/hashes. */
interface NobleHash {
  update(bytes: Uint8Array): unknown;
  clone(): NobleHash;
  digest(): Uint8Array;
}

export function nobleHasher(hash: NobleHash): Hasher {
  return {
    update: (bytes) => void hash.update(bytes),
    copy: () => nobleHasher(hash.clone()),
    digest: () => hash.digest(),
  };
}
