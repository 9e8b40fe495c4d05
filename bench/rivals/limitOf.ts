import { isRight, type Outcome, type Wanted } from "./Outcome.js";

/** As long as anybody may take while nobody was right. */
const most = 45;
const least = 15;

/** Said in words above the table. */
export const meaningOfLimit = `thrice the slowest right one's time and 10 s (within ${least} and ${most} s)`;

/** Seconds that a run of a row may take: thrice what the slowest took that was right, and ten more. */
export function limitOf(outcomes: readonly Outcome[], wanted: Wanted): number {
  const right = outcomes.filter((outcome) => isRight(outcome, wanted)).map(({ seconds }) => seconds);
  return right.length === 0 ? most : Math.min(most, Math.max(least, Math.ceil(3 * Math.max(...right) + 10)));
}

/** Those that were stopped sooner than they would be now that others are known to be right and slow. */
export function cutShort(outcomes: readonly Outcome[], wanted: Wanted): readonly Outcome[] {
  const limit = limitOf(outcomes, wanted);
  return outcomes.filter(({ verdict, limitSeconds }) => verdict === "hang" && limitSeconds < limit);
}
