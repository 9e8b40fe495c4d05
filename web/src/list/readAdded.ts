import type { AddedDownload } from "../../../src/page.js";

/** Downloads of a pasted text: one a line, its mirrors separated by blanks or tabs; lines that begin with `#` are remarks. */
export function downloadsIn(text: string): readonly AddedDownload[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ sources: line.split(/\s+/) }));
}

/** Downloads of a file that was dropped or chosen: of a Metalink, or of a list of addresses. Nobody typed what is in it. */
export async function downloadsOfFile(file: File): Promise<readonly AddedDownload[]> {
  const text = await file.text();
  const isMetalink = /\.(meta4|metalink)$/i.test(file.name) || text.trimStart().startsWith("<");
  return isMetalink ? [{ metalink: text }] : downloadsIn(text).map((each) => ({ ...each, isForeign: true }));
}
