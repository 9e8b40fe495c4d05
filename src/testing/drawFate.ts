import { grainBytes } from "./samplingDigest.js";
import type { SwarmPeer } from "./SwarmPeer.js";

/** The end that a request will come to. */
export interface Fate {
  /** Bytes that come before the end. */
  readonly endsAfter: number;
  /** True when it errors then, if that is not all; else it falls silent. */
  readonly breaks: boolean;
  readonly corrupts: boolean;
}

/** Draws what becomes of a request for `length` bytes: always four numbers, so that no fate depends on another one's. */
export function drawFate(
  { breaks = 0, stalls = 0, corrupts = 0 }: SwarmPeer,
  length: number,
  random: () => number,
): Fate {
  const willBreak = random() < breaks;
  const willStall = random() < stalls;
  const willCorrupt = random() < corrupts;
  const part = random();
  const early = willBreak || willStall;
  return {
    endsAfter: early ? Math.floor((part * length) / grainBytes) * grainBytes : length,
    breaks: willBreak,
    corrupts: willCorrupt,
  };
}
