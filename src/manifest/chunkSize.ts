const smallestChunk = 256 * 1024;
const mostChunks = 32_768;

/**
 * Bytes of the largest chunk that we cut, and that a manifest may have unless its reader allows more. A peer that lies about a
 * chunk is found out at its end, so this is what one lie can cost.
 */
export const largestChunk = 64 * 1024 * 1024;

/**
 * Bytes a chunk for a file of `size` bytes: 256 KiB, doubled until the file has at most 32,768 chunks, but not beyond 64 MiB,
 * which files of more than 2 TiB would need.
 */
export function chunkSizeFor(size: number): number {
  let chunkSize = smallestChunk;
  while (size / chunkSize > mostChunks && chunkSize < largestChunk) chunkSize *= 2;
  return chunkSize;
}
