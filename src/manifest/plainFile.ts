import { chunkSizeFor } from "./chunkSize.js";
import type { Sha256 } from "./Hasher.js";
import { toHex } from "./hex.js";
import type { FileFacts } from "./Manifest.js";

const context = new TextEncoder().encode("tributary/plain/1");

/**
 * A file of which no chunk has a digest. The root only says how long it is, so that progress is never taken up for a file of another
 * size; it proves nothing of the bytes.
 */
export function plainFile(facts: Pick<FileFacts, "name" | "size" | "whole" | "mirrors">, sha256: Sha256): FileFacts {
  const { size } = facts;
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(size));
  const hasher = sha256();
  hasher.update(context);
  hasher.update(new Uint8Array(length.buffer));
  return { ...facts, root: toHex(hasher.digest()), chunkSize: chunkSizeFor(size) };
}
