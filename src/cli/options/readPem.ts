import { readText } from "./readText.js";
import { type NamedFile, textFile } from "./takeText.js";

/** Reads the file of a certificate or a key. */
export const aPemFile = textFile("certificates or a key, PEM");

/** The text of a certificate or a key. */
export async function readPem(file: NamedFile | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : readText(file);
}
