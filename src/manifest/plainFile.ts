import { chunkSizeFor } from "./chunkSize.js";
import type { Sha256 } from "./Hasher.js";
import { toHex } from "./hex.js";
import type { FileFacts } from "./Manifest.js";

const context = new TextEncoder().encode("tributary/plain/1");

/**
 * A file of which only the size is known, and perhaps the SHA-256 of the whole. Its root names these facts, so that progress is
 * never taken up for a file of another size; it proves nothing of the bytes.
 */
export function plainFile(
  { name, size, sha256: whole }: Pick<FileFacts, "name" | "size" | "sha256">,
  sha256: Sha256,
): FileFacts {
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(size));
  const hasher = sha256();
  hasher.update(context);
  hasher.update(new Uint8Array(length.buffer));
  if (whole !== undefined) hasher.update(whole);
  return {
    root: toHex(hasher.digest()),
    name,
    size,
    chunkSize: chunkSizeFor(size),
    ...(whole !== undefined && { sha256: whole }),
  };
}
