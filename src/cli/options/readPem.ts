import { readFile } from "node:fs/promises";
import { UsageError } from "../UsageError.js";

/** The text of a certificate or a key. */
export async function readPem(what: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, "utf8").catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${what} ${path} cannot be read: ${code ?? message}`);
  });
}
