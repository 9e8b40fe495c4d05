import { sha256 as start } from "@noble/hashes/sha2.js";
import type { Hasher } from "../../manifest/Hasher.js";

/** SHA-256 in plain JavaScript: `crypto.subtle` is for whole buffers, and chunks are hashed as they come. */
export function sha256(): Hasher {
  return hasherOf(start.create());
}

function hasherOf(hash: ReturnType<typeof start.create>): Hasher {
  return {
    update: (bytes) => void hash.update(bytes),
    copy: () => hasherOf(hash.clone()),
    digest: () => hash.digest(),
  };
}
