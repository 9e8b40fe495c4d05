const smallestChunk = 256 * 1024;
const mostChunks = 32_768;

/** Bytes a chunk for a file of `size` bytes: 256 KiB, doubled until the file has at most 32,768 chunks. */
export function chunkSizeFor(size: number): number {
  let chunkSize = smallestChunk;
  while (size / chunkSize > mostChunks) chunkSize *= 2;
  return chunkSize;
}
