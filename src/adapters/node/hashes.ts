import { createHash } from "node:crypto";
import type { NewHasher } from "../../manifest/Hasher.js";
import type { HashType } from "../../manifest/HashType.js";
import { nodeHasher, sha256 } from "./sha256.js";

/** The hashes of OpenSSL. One that does without the weak ones, by how it was built or set up, has none of those. */
export function hashes(type: HashType): NewHasher | undefined {
  if (type === "sha-256") return sha256;
  const name = type.replace("-", "");
  try {
    createHash(name);
  } catch {
    return undefined;
  }
  return () => nodeHasher(createHash(name));
}
