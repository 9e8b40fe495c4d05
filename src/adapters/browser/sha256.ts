import { sha256 as start } from "@noble/hashes/sha2.js";
import type { Hasher, Sha256 } from "../../manifest/Hasher.js";
import { wholeDigest } from "./wholeDigest.js";

/** SHA-256: of wholes by WebCrypto where the page has it, else in plain JavaScript. */
export const sha256: Sha256 = Object.assign(() => nobleHasher(start.create()), wholeDigest("sha-256"));

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
