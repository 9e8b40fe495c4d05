const smallestChunk = 256 * 1024;
/** Enough for many peers to share a file. A chunk's cost on its way does not depend on its size, so there are no more while chunks are of the usual size. */
const enoughChunks = 256;
/** Bytes that a good line brings in a second: more would be long to wait for at the end, and dear when they are wrong. */
const usualChunk = 4 * 1024 * 1024;
const mostChunks = 32_768;

/**
 * Bytes of the largest chunk that we cut, and that a manifest may have unless its reader allows more. A peer that lies about a
 * chunk is found out at its end, so this is what one lie can cost.
 */
export const largestChunk = 64 * 1024 * 1024;

/**
 * Bytes a chunk for a file of `size` bytes: 256 KiB, doubled up to 4 MiB until the file has at most 256 chunks; then doubled until it has at most
 * 32,768, but not beyond 64 MiB, which files of more than 2 TiB would need.
 */
export function chunkSizeFor(size: number): number {
  let chunkSize = smallestChunk;
  while (chunkSize < usualChunk && size / chunkSize > enoughChunks) chunkSize *= 2;
  while (chunkSize < largestChunk && size / chunkSize > mostChunks) chunkSize *= 2;
  return chunkSize;
}
