const smallestChunk = 256 * 1024;
/** Costs of a chunk on its way do not depend on its size, and begin to matter where there are thousands. */
const usualChunk = 1024 * 1024;
const manyChunks = 1024;
const mostChunks = 32_768;

/**
 * Bytes of the largest chunk that we cut, and that a manifest may have unless its reader allows more. A peer that lies about a
 * chunk is found out at its end, so this is what one lie can cost.
 */
export const largestChunk = 64 * 1024 * 1024;

/**
 * Bytes a chunk for a file of `size` bytes: 256 KiB; 1 MiB from 256 MiB on, where that many would be more than a thousand; doubled until the
 * file has at most 32,768 chunks, but not beyond 64 MiB, which files of more than 2 TiB would need.
 */
export function chunkSizeFor(size: number): number {
  let chunkSize = size < manyChunks * smallestChunk ? smallestChunk : usualChunk;
  while (size / chunkSize > mostChunks && chunkSize < largestChunk) chunkSize *= 2;
  return chunkSize;
}
