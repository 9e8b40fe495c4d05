import type { Checkpoint } from "./Checkpoint.js";

/** True when nothing of the file is here by its record: the run knew no size, had not begun, or had begun with another file than was wanted. */
export function claimsNothing({ complete, frontiers }: Pick<Checkpoint, "complete" | "frontiers">): boolean {
  return complete.every((bits) => bits === 0) && Object.keys(frontiers).length === 0;
}
