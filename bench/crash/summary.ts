import { wordsOf } from "./Kill.js";
import type { Trial } from "./tryKill.js";

/** What all trials come to. */
export interface Summary {
  readonly runs: number;
  readonly kills: number;
  /** Trials that ended with another file, another exit than 0, or something left over. */
  readonly wrong: number;
  readonly failed: number;
  readonly leftOver: number;
  /** Bytes fetched for each byte of the file, where a download can go on. */
  readonly mean: number;
  readonly worst: number;
  readonly longestResumeSeconds: number;
}

export function summaryOf(trials: readonly Trial[], size: number): Summary {
  const killed = trials.filter(({ wasKilled }) => wasKilled);
  const ratios = killed.filter(({ way }) => way.resumes ?? true).map(({ again }) => 1 + again / size);
  return {
    runs: 2 * trials.length,
    kills: killed.length,
    wrong: trials.filter(({ isWrong }) => isWrong).length,
    failed: trials.filter(({ isDone }) => !isDone).length,
    leftOver: trials.filter(({ left }) => left.length > 0).length,
    mean: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
    worst: Math.max(...ratios),
    longestResumeSeconds: Math.max(...trials.map(({ resumeSeconds }) => resumeSeconds)),
  };
}

/** Most bytes for each byte of the file after one kill: 1.15, or one second's bytes more than once if that is more. */
export function worstAllowed(size: number, speed: number): number {
  return 1 + Math.max(0.15, speed / size);
}

/** On average of all kills. */
export const meanWanted = 1.05;

/** One line of a trial that did not go as promised. */
export function complaintOf({ way, kill, isWrong, isDone, exit, left, stderr }: Trial): string | undefined {
  const faults = [
    ...(isWrong ? ["WRONG FILE"] : []),
    ...(isDone ? [] : [`exit ${exit}: ${stderr.trim()}`]),
    ...(left.length === 0 ? [] : [`left ${left.join(", ")}`]),
  ];
  return faults.length === 0 ? undefined : `${way.name}, ${wordsOf(kill)}: ${faults.join("; ")}`;
}

/** The worst trial in one line. */
export function dearest(trials: readonly Trial[]): Trial | undefined {
  const counted = trials.filter(({ way, wasKilled }) => wasKilled && (way.resumes ?? true));
  return counted.toSorted((a, b) => b.again - a.again)[0];
}
