import type { SwarmConfig, SwarmRun } from "../../../src/testing/simulateSwarm.js";

/** Something that holds for every run, whatever the swarm. */
export interface Law {
  readonly name: string;
  /** How the run breaks it; nothing where it does not. */
  readonly broken: (run: SwarmRun, config: SwarmConfig) => string | undefined;
}

/** The first complaint about any item. */
export function firstComplaint<T>(items: Iterable<T>, complaint: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = complaint(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
