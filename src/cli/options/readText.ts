import { readTextFile } from "../../command.js";
import { systemWords } from "../systemWords.js";
import { UsageError } from "../UsageError.js";

/** The text of a file that an option names; `what` says which one it is. */
export async function readText(what: string, path: string): Promise<string> {
  return readTextFile(path).catch((error: unknown) => {
    throw new UsageError(`${what} ${path} cannot be read: ${systemWords(error)}`);
  });
}
