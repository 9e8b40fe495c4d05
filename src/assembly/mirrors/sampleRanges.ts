import type { ByteRange } from "../../peers/Peer.js";

const sampleBytes = 4096;

/**
 * A few ranges by which two places are compared that claim to have the same file: its start, its middle and its end. What differs
 * elsewhere only, they do not show; a digest does.
 */
export function sampleRanges(size: number): readonly ByteRange[] {
  const length = Math.min(size, sampleBytes);
  const starts = new Set([0, Math.floor((size - length) / 2), size - length]);
  return length === 0 ? [] : Array.from(starts, (position) => sampleAt(position, length));
}

/** The same for places of our own choice. */
export function sampleAt(position: number, length = sampleBytes): ByteRange {
  return { chunk: 0, offset: position, length: Math.min(length, sampleBytes), position };
}
