import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { NewHasher } from "../../manifest/Hasher.js";
import type { HashType } from "../../manifest/HashType.js";
import { wholeDigest } from "./wholeDigest.js";
import { nobleHasher, sha256 } from "./sha256.js";

const others = { "sha-512": sha512, "sha-384": sha384, "sha-224": sha224, "sha-1": sha1, md5 } as const;

/** Hashes of every function: of wholes by WebCrypto where the page has it, else in plain JavaScript. */
export function hashes(type: HashType): NewHasher {
  if (type === "sha-256") return sha256;
  const start = others[type];
  return Object.assign(() => nobleHasher(start.create()), wholeDigest(type));
}
