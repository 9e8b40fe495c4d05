import type { ListedFile } from "../../node.js";

/** Label of a file of a list: its name as far as it is known, else its address, else its number. */
export function fileLabel({ name, source, file }: ListedFile): string {
  return name ?? source ?? `file ${file + 1}`;
}
