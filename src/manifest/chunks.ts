import { DownloadError } from "../errors/DownloadError.js";
import { hashTypes } from "./HashType.js";
import type { Chunk, FileFacts, Manifest } from "./Manifest.js";

/** Bytes of a SHA-256. */
export const digestLength = 32;

type Digested = Pick<FileFacts, "size" | "chunkSize" | "digests" | "digestType">;

/** How many chunks a file has; none when it is empty. */
export function chunkCount({ size, chunkSize }: Pick<Manifest, "size" | "chunkSize">): number {
  return Math.ceil(size / chunkSize);
}

/**
 * Where a chunk lies in its file.
 *
 * @throws DownloadError `INVALID_INDEX` when the file has no such chunk.
 */
export function chunkAt(manifest: Pick<Manifest, "size" | "chunkSize">, index: number): Chunk {
  checkIndex(manifest, index);
  const offset = index * manifest.chunkSize;
  return { index, offset, length: Math.min(manifest.chunkSize, manifest.size - offset) };
}

/**
 * Digest of a chunk, a view of the manifest and not a copy; `undefined` where no digests are known.
 *
 * @throws DownloadError `INVALID_INDEX` when the file has no such chunk.
 */
export function digestOf(manifest: Manifest, index: number): Uint8Array;
export function digestOf(facts: Digested, index: number): Uint8Array | undefined;
export function digestOf(facts: Digested, index: number): Uint8Array | undefined {
  checkIndex(facts, index);
  const { bytes } = hashTypes[facts.digestType ?? "sha-256"];
  return facts.digests?.subarray(index * bytes, (index + 1) * bytes);
}

function checkIndex(manifest: Pick<Manifest, "size" | "chunkSize">, index: number): void {
  const count = chunkCount(manifest);
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new DownloadError(
    "INVALID_INDEX",
    `chunk ${index} does not exist: the file has ${count} chunks, counted from 0`,
  );
}
