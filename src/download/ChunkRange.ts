/** Run of chunks that follow on each other: the index of its first one, and that behind its last. */
export type ChunkRange = readonly [first: number, end: number];

/** Place of the first run, of runs in order, that ends behind the chunk: the one that has it, or the next one. */
export function rangeAt(ranges: readonly ChunkRange[], chunk: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? Infinity) > chunk) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The runs with one more chunk; the same ones when it is among them. */
export function withChunk(ranges: readonly ChunkRange[], chunk: number): readonly ChunkRange[] {
  const at = rangeAt(ranges, chunk);
  const [before, after] = [ranges[at - 1], ranges[at]];
  if (after !== undefined && after[0] <= chunk) return ranges;
  const joinsBefore = before?.[1] === chunk;
  const joinsAfter = after?.[0] === chunk + 1;
  const run: ChunkRange = [joinsBefore ? before[0] : chunk, joinsAfter ? after[1] : chunk + 1];
  return ranges.toSpliced(at - Number(joinsBefore), Number(joinsBefore) + Number(joinsAfter), run);
}

/** The runs without a chunk; the same ones when it is not among them. */
export function withoutChunk(ranges: readonly ChunkRange[], chunk: number): readonly ChunkRange[] {
  const at = rangeAt(ranges, chunk);
  const run = ranges[at];
  if (run === undefined || run[0] > chunk) return ranges;
  const rest: readonly ChunkRange[] = [
    [run[0], chunk],
    [chunk + 1, run[1]],
  ];
  return ranges.toSpliced(at, 1, ...rest.filter(([first, end]) => first < end));
}
