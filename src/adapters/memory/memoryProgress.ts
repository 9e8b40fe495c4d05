import { defer, EMPTY, of } from "rxjs";
import type { Checkpoint } from "../../storage/Checkpoint.js";
import type { ProgressStore } from "../../storage/ProgressStore.js";

/** A store whose record can be looked at. */
export interface MemoryProgress extends ProgressStore {
  /** The checkpoint saved last, or nothing. */
  saved(): Checkpoint | undefined;
}

/** Keeps one download's progress in memory. Synchronous, so it fits virtual time. */
export function memoryProgress(initial?: Checkpoint): MemoryProgress {
  // Copied both ways, as a disk does.
  let record = structuredClone(initial);
  return {
    load: () => defer(() => of(structuredClone(record))),
    save: (checkpoint) =>
      defer(() => {
        record = structuredClone(checkpoint);
        return EMPTY;
      }),
    clear: () =>
      defer(() => {
        record = undefined;
        return EMPTY;
      }),
    saved: () => structuredClone(record),
  };
}
