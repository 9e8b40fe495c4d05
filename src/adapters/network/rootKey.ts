import { createHash } from "node:crypto";

/** The name of a file where its seeders are looked for, of which nobody learns its root: 20 bytes, the SHA-1 of the 32 bytes of the root. */
export function rootKey(root: string): Uint8Array {
  return createHash("sha1").update(Buffer.from(root, "hex")).digest();
}
