import type { SwarmConfig, SwarmRun } from "../../../src/testing/simulateSwarm.js";

/** A statement that holds for every run, whatever its script. */
export interface Law<Run = SwarmRun, Script = SwarmConfig> {
  readonly name: string;
  /** How the run breaks it; nothing where it does not. */
  readonly broken: (run: Run, script: Script) => string | undefined;
}

/** The first complaint about any item. */
export function firstComplaint<T>(items: Iterable<T>, complaint: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = complaint(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
