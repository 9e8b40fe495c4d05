import { readText } from "./readText.js";

/** The text of a certificate or a key. */
export async function readPem(what: string, path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : readText(what, path);
}
