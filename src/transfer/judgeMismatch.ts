import type { Judgement, JudgesConfig } from "./judgeFailure.js";

/** A whole chunk with a wrong digest, as its judge sees it. */
export interface JudgedBytes {
  /** Peers that brought the chunk's runs of bytes, one after the other; `undefined` for bytes found on disk. */
  readonly broughtBy: readonly (string | undefined)[];
  /** True when nobody else is there for the chunk. */
  readonly isFromOnlyPeer: boolean;
  /** True when an only peer was asked once more already. */
  readonly isSecondTry: boolean;
  /** Legs of the attempt. */
  readonly legs: number;
}

/**
 * The judgement of a chunk whose digest is wrong: pure. A peer that brought all of it lied, unless nobody else is there: an only peer is
 * asked once more. Of several, each is a suspect until the chunk is right, and nobody is to blame yet.
 */
export function judgeMismatch(
  { broughtBy: [first, ...others], isFromOnlyPeer, isSecondTry, legs }: JudgedBytes,
  { strict }: Pick<JudgesConfig, "strict">,
): Judgement {
  const wrong = { code: "CHECKSUM_MISMATCH", delivered: false, progressed: false, notBeforeMs: 0 } as const;
  if (strict) return { ...wrong, blame: "nobody", verdict: "fail" };
  const isSomebodys = first !== undefined && others.length === 0;
  const isForgiven = isFromOnlyPeer && !isSecondTry;
  if (!isSomebodys || isForgiven) return { ...wrong, blame: "nobody", verdict: "continue" };
  return { ...wrong, blame: "quarantined", verdict: legs > 1 ? "continue" : "switch" };
}
