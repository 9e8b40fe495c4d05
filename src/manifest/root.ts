import { digestLength } from "./chunks.js";
import type { Sha256 } from "./Hasher.js";
import type { HashType } from "./HashType.js";
import { toHex } from "./hex.js";
import type { Manifest } from "./Manifest.js";
import { merkleRoot } from "./merkleRoot.js";

const context = new TextEncoder().encode("tributary/1");

/**
 * The root that names a file: 64 lower-case hex digits of
 * SHA-256("tributary/1" || size as u64 || chunk size as u32 || Merkle root of the chunk digests), big-endian.
 */
export function manifestRoot(
  { size, chunkSize, digests }: Pick<Manifest, "size" | "chunkSize" | "digests">,
  sha256: Sha256,
): string {
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setBigUint64(0, BigInt(size));
  numbers.setUint32(8, chunkSize);
  const hasher = sha256();
  hasher.update(context);
  hasher.update(new Uint8Array(numbers.buffer));
  hasher.update(merkleRoot(eachDigest(digests), sha256));
  return toHex(hasher.digest());
}

/**
 * The root of a file by digests of another function, 64 lower-case hex digits: the digests are hashed one after the other, in a context of their own.
 * Such a root names the file here, and to nobody else.
 */
export function piecesRoot(
  { size, chunkSize, digests, digestType }: Pick<Manifest, "size" | "chunkSize" | "digests"> & { digestType: HashType },
  sha256: Sha256,
): string {
  const hasher = sha256();
  hasher.update(new TextEncoder().encode(`tributary/pieces/1/${digestType}/${size}/${chunkSize}/`));
  hasher.update(digests);
  return toHex(hasher.digest());
}

function* eachDigest(digests: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < digests.length; at += digestLength) yield digests.subarray(at, at + digestLength);
}
