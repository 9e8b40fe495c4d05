import type { Digest } from "../manifest/Digest.js";
import type { FileRequest } from "./FileRequest.js";

/** The digest of the whole of a file with these names, the likeliest first; errors as whoever finds it does. */
export function wholeIn(
  { whole }: Pick<FileRequest, "whole">,
  names: readonly (string | undefined)[],
): Digest | undefined {
  return typeof whole === "function" ? whole([...new Set(names.filter((name) => name !== undefined))]) : whole;
}
