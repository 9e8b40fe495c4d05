import type { Manifest } from "../manifest/Manifest.js";
import { toBase64 } from "./base64.js";

/** The version that this program writes, and the only one that it reads. */
export const manifestVersion = 1;

/** A manifest as plain JSON, of some 43 characters a chunk. */
export function encodeManifest({ root, name, size, chunkSize, digests }: Manifest): object {
  return { version: manifestVersion, root, name, size, chunkSize, digests: toBase64(digests) };
}
