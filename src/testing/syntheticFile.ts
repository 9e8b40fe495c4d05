import type { Hasher } from "../manifest/Hasher.js";
import { chunkAt, chunkCount, digestLength } from "../manifest/chunks.js";
import type { Manifest } from "../manifest/Manifest.js";
import { sameBytes } from "../transfer/verifyChunk.js";
import { grainBytes, samplingDigest } from "./samplingDigest.js";
import { seededRandom } from "./seededRandom.js";

/** A prime, so that no two chunks of a file have the same bytes at the same places, whatever the size of chunks. */
const period = 1_048_583;
/** The longest run of bytes that can be had in one view. */
export const longestPiece = 1_048_576;

/** A file of any size that nobody has to store: its bytes repeat after a prime number of them. */
export interface SyntheticFile {
  readonly manifest: Manifest;
  /** Bytes of the file, at most 1 MiB, as a view of bytes that all files share: not to be written to. */
  readonly bytes: (position: number, length: number) => Uint8Array;
  /** The file's bytes with all bits flipped: at most 1 MiB, as a view that is not to be written to. */
  readonly flipped: (position: number, length: number) => Uint8Array;
  /** Tells whether these are the file's bytes at this place; costs nothing for views of them. */
  readonly isRight: (position: number, bytes: Uint8Array) => boolean;
}

/** The file of `size` bytes, with the manifest that `samplingDigest` gives it. */
export function syntheticFile(size: number, chunkSize: number): SyntheticFile {
  const right = (patterns ??= makePatterns()).right;
  const wrong = patterns.wrong;
  const view = (of: Uint8Array, position: number, length: number): Uint8Array => {
    const start = position % period;
    return of.subarray(start, start + length);
  };
  const cut = { size, chunkSize };
  const digests = new Uint8Array(chunkCount(cut) * digestLength);
  for (let index = 0; index < chunkCount(cut); index++) {
    const { offset, length } = chunkAt(cut, index);
    const hasher: Hasher = samplingDigest();
    for (let at = 0; at < length; at += longestPiece) {
      hasher.update(view(right, offset + at, Math.min(longestPiece, length - at)));
    }
    digests.set(hasher.digest(), index * digestLength);
  }
  return {
    manifest: { root: "5".repeat(64), name: "synthetic.bin", ...cut, digests },
    bytes: (position, length) => view(right, position, length),
    flipped: (position, length) => view(wrong, position, length),
    isRight: (position, bytes) => {
      if (bytes.buffer === right.buffer && bytes.byteOffset % period === position % period) return true;
      for (let at = 0; at < bytes.length; at += longestPiece) {
        const piece = bytes.subarray(at, at + longestPiece);
        if (!sameBytes(piece, view(right, position + at, piece.length))) return false;
      }
      return true;
    },
  };
}

let patterns: { readonly right: Uint8Array; readonly wrong: Uint8Array } | undefined;

function makePatterns(): NonNullable<typeof patterns> {
  const random = seededRandom(1);
  const right = new Uint8Array(period + longestPiece);
  for (let i = 0; i < period; i++) right[i] = random() * 256;
  right.copyWithin(period, 0, longestPiece);
  return { right, wrong: right.map((byte) => byte ^ 0xff) };
}

/** Tells whether a place may be the border of a piece, so that every piece has a byte that is sampled. */
export function isOnGrain(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes > 0 && bytes % grainBytes === 0;
}
