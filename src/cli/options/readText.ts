import { readTextFile, type ReadTextFileOptions, systemWords } from "../../command.js";
import { UsageError } from "../UsageError.js";

/** The text of a file that an option names; `what` says which one it is. */
export async function readText(what: string, path: string, options?: ReadTextFileOptions): Promise<string> {
  return readTextFile(path, options).catch((error: unknown) => {
    throw new UsageError(`${what} ${path} cannot be read: ${systemWords(error)}`);
  });
}
