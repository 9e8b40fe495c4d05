import { defer, from, map } from "rxjs";
import type { NewHasher } from "../../manifest/Hasher.js";
import type { HashType } from "../../manifest/HashType.js";

/** The functions of WebCrypto, by its names. */
const names: Partial<Record<HashType, string>> = {
  "sha-256": "SHA-256",
  "sha-384": "SHA-384",
  "sha-512": "SHA-512",
  "sha-1": "SHA-1",
};

/** The part of a hash that digests a whole by WebCrypto, ten times as fast as plain JavaScript; empty where there is none, as on pages of plain `http:`. */
export function wholeDigest(type: HashType): Pick<NewHasher, "whole"> {
  const { crypto } = globalThis as { readonly crypto?: { readonly subtle?: SubtleCrypto } };
  const subtle = crypto?.subtle;
  const name = names[type];
  if (subtle === undefined || name === undefined) return {};
  return {
    whole: (bytes) =>
      defer(() => from(subtle.digest(name, unshared(bytes)))).pipe(map((digest) => new Uint8Array(digest))),
  };
}

/** WebCrypto refuses memory that threads share. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
