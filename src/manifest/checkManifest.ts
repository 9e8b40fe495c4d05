import { DownloadError } from "../errors/DownloadError.js";
import { chunkCount, digestLength } from "./chunks.js";
import { largestChunk } from "./chunkSize.js";
import type { Sha256 } from "./Hasher.js";
import type { Manifest } from "./Manifest.js";
import { manifestRoot } from "./root.js";

/** Limits of what a manifest from elsewhere may cost us. */
export interface ManifestLimits {
  /** Chunks of a file. Each costs 32 bytes of memory. @default 1048576 */
  readonly maxChunks?: number;
  /** Bytes of its largest chunk. So much can be fetched in vain before a wrong digest shows. @default 67108864 */
  readonly maxChunkBytes?: number;
}

const mostChunks = 1_048_576;

/** Bounds of the format itself: for manifests of our own, and where the limits were checked before. */
export const mostChunkBytes = 2 ** 32 - 1;

/**
 * The manifest itself, when its numbers make sense, it has one digest a chunk, and its root is the root of what it says.
 * The name is left alone: see `safeFileName`.
 *
 * @throws DownloadError `INVALID_MANIFEST`, which names the field, what it is and what it would have to be.
 */
export function checkManifest(manifest: Manifest, sha256: Sha256, limits: ManifestLimits = {}): Manifest {
  checkCut(manifest, limits);
  const count = chunkCount(manifest);
  if (manifest.digests.length !== count * digestLength) {
    refuse(`its digests have ${manifest.digests.length} bytes, expected ${count * digestLength} for ${count} chunks`);
  }
  const root = manifestRoot(manifest, sha256);
  if (root !== manifest.root) refuse(`its root is ${JSON.stringify(manifest.root)}, expected ${root}`);
  return manifest;
}

/**
 * Checks size and chunk size alone, before anything is fetched or allocated for them.
 *
 * @throws DownloadError `INVALID_MANIFEST`
 */
export function checkCut(
  manifest: Pick<Manifest, "size" | "chunkSize">,
  { maxChunks = mostChunks, maxChunkBytes = largestChunk }: ManifestLimits = {},
): void {
  const { size, chunkSize } = manifest;
  if (!Number.isSafeInteger(size) || size < 0)
    refuse(`its size is ${size}, expected 0 to ${Number.MAX_SAFE_INTEGER} bytes`);
  if (!Number.isInteger(chunkSize) || chunkSize < 1 || chunkSize > mostChunkBytes) {
    refuse(`its chunk size is ${chunkSize}, expected 1 to ${mostChunkBytes} bytes`);
  }
  const largest = Math.min(size, chunkSize);
  if (largest > maxChunkBytes) refuse(`it has chunks of ${largest} bytes, expected at most ${maxChunkBytes}`);
  const count = chunkCount(manifest);
  if (count > maxChunks) refuse(`it has ${count} chunks, expected at most ${maxChunks}`);
}

function refuse(reason: string): never {
  throw new DownloadError("INVALID_MANIFEST", `the manifest does not hold: ${reason}`);
}
