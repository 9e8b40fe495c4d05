import { readTextFile, type ReadTextFileOptions, systemWords } from "../../command.js";
import { UsageError } from "../UsageError.js";
import type { NamedFile } from "./takeText.js";

/** The text of a file that an option names. @throws UsageError that names the option and the file */
export async function readText({ path, called, must }: NamedFile, options?: ReadTextFileOptions): Promise<string> {
  return readTextFile(path, options).catch((error: unknown) => {
    const what = `${called} is ${JSON.stringify(path)}, which cannot be read: ${systemWords(error)}`;
    throw new UsageError(`${what}; it must be ${must}`);
  });
}
