import type { OptionShape } from "../../operators/checkOptions.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { DownloadError } from "../errors/DownloadError.js";

/** Choice of a file out of several: its name, or its place in the document, counted from 1. A name goes before a place. */
export type FileSelection = string | number;

/** The shape of an option that selects one. */
export const selectionShape: OptionShape = {
  must: "a name, or a place from 1",
  fits: (value) => typeof value === "string" || (Number.isInteger(value) && Number(value) >= 1),
};

/** Several files of a Metalink. */
export const selectionsShape: OptionShape = {
  must: "a list of names, or of places from 1",
  fits: (value) => Array.isArray(value) && value.every(selectionShape.fits),
};

const namesShown = 20;

/** Files of one document that are fetched at once; it may name more. */
const mostFiles = 1000;

/**
 * The files that are meant, in the document's order, each once; all of them when nothing is said.
 *
 * @throws DownloadError `FILE_NOT_FOUND`, which lists the names that there are, or `INVALID_MANIFEST` when more than a thousand are meant.
 */
export function selectFiles(
  files: readonly MetalinkFile[],
  selected: readonly FileSelection[] = [],
): readonly MetalinkFile[] {
  const chosen = new Set(selected.length === 0 ? files : selected.map((selection) => fileOf(files, selection)));
  if (chosen.size > mostFiles) {
    const text = `the metalink names ${chosen.size} files, expected at most ${mostFiles} to be fetched at once: select some`;
    throw new DownloadError("INVALID_MANIFEST", text);
  }
  return files.filter((file) => chosen.has(file));
}

/**
 * The one file that is meant. When nothing is said, the only one, or of several that of the `usual` name.
 *
 * @throws DownloadError `FILE_NOT_FOUND`, or `INVALID_MANIFEST` when nothing is said, there are several, and there is no usual name.
 */
export function selectFile(files: readonly MetalinkFile[], selection?: FileSelection, usual?: string): MetalinkFile {
  if (selection !== undefined) return fileOf(files, selection);
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return only;
  const found = files.find(({ name }) => name === usual);
  if (found !== undefined) return found;
  const called = usual === undefined ? "" : `, none of which is called ${JSON.stringify(usual)}`;
  throw new DownloadError(
    usual === undefined ? "INVALID_MANIFEST" : "FILE_NOT_FOUND",
    `select is not given, and the metalink names several files${called}: ${namesOf(files)}`,
  );
}

function fileOf(files: readonly MetalinkFile[], selection: FileSelection): MetalinkFile {
  const text = String(selection);
  const place = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const found = files.find(({ name }) => name === text) ?? files[place - 1];
  if (found !== undefined) return found;
  const right = `the name of a file in the metalink, or its place there, from 1 to ${files.length}`;
  throw new DownloadError(
    "FILE_NOT_FOUND",
    `select is ${JSON.stringify(text)}; it must be ${right}: ${namesOf(files)}`,
  );
}

function namesOf(files: readonly MetalinkFile[]): string {
  const names = files.slice(0, namesShown).map(({ name }) => JSON.stringify(name.slice(0, 80)));
  const more = files.length > namesShown ? ` and ${files.length - namesShown} more` : "";
  return `${names.join(", ")}${more}`;
}
