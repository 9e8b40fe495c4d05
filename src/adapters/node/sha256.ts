import { createHash, type Hash } from "node:crypto";
import type { Hasher } from "../../manifest/Hasher.js";

/** SHA-256 of OpenSSL, through `node:crypto`. */
export function sha256(): Hasher {
  return nodeHasher(createHash("sha256"));
}

export function nodeHasher(hash: Hash): Hasher {
  return {
    update: (bytes) => void hash.update(bytes),
    copy: () => nodeHasher(hash.copy()),
    digest: () => new Uint8Array(hash.digest()),
  };
}
