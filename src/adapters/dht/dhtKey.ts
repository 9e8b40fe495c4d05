import { createHash } from "node:crypto";

/** The key under which the seeders of a file stand in the table: 20 bytes, the SHA-1 of the 32 bytes of its root. */
export function dhtKey(root: string): Uint8Array {
  return createHash("sha1").update(Buffer.from(root, "hex")).digest();
}
