import { getSystemErrorMap } from "node:util";
import { readTextFile } from "../../node.js";
import { UsageError } from "../UsageError.js";

/** The text of a file that an option names; `what` says which one it is. */
export async function readText(what: string, path: string): Promise<string> {
  return readTextFile(path).catch((error: unknown) => {
    throw new UsageError(`${what} ${path} cannot be read: ${wordsOf(error as NodeJS.ErrnoException)}`);
  });
}

function wordsOf({ errno, message }: NodeJS.ErrnoException): string {
  const [code, words] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  return code === undefined ? message : `${words} (${code})`;
}
