/** Bytes that are looked at again though they should be right; of a file that is no larger, all. */
const sampleBytes = 32 * 1024 * 1024;

/** Sample of the chunks, spread over all of them, each of its part by chance; at least one, if there is any. */
export function sampleOf(chunks: readonly number[], chunkSize: number, random: () => number): readonly number[] {
  const wanted = Math.min(chunks.length, Math.max(1, Math.floor(sampleBytes / chunkSize)));
  const part = chunks.length / wanted;
  return Array.from({ length: wanted }, (_, n) => Math.floor(part * (n + random()))).flatMap((at) => chunks[at] ?? []);
}
