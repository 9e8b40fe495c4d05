import type { Observable } from "rxjs";

/** Bytes of a place in the file, as they are here. */
export interface HeldBytes {
  /** Position of the first byte, from the start of the file. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** How a file came. */
interface Bringing {
  /** Bytes that each peer brought in this run. */
  readonly brought: Readonly<Record<string, number>>;
  /** True when some of the file is of an earlier run. */
  readonly isResumed: boolean;
}

/**
 * Asks those who brought a file whether they have these bytes of it now. Emits once, or nothing where nobody can tell or nothing was joined; errors
 * when nobody answers.
 */
export type StillHas = (places: readonly HeldBytes[], bringing: Bringing) => Observable<boolean>;
