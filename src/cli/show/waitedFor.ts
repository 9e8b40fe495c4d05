import { plural } from "../../command.js";
import type { DownloadState } from "../../index.js";

/** Cause of a wait in a word or two. */
export function waitedFor({ reason, chunks }: NonNullable<DownloadState["waiting"]>): string {
  return chunks === undefined ? reason : `nobody has ${plural(chunks, "chunk")}`;
}
