import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { nearestName } from "../../command.js";
import { UsageError } from "../UsageError.js";
import { optionRows, type GetOptions } from "./getOptions.js";
import { readText } from "./readText.js";
import type { NamedFile } from "./takeText.js";

const usualName = "tributary.config.json";

/**
 * The options in `named`, or in `tributary.config.json` of the working folder if there is one. The latter may have come with a
 * folder that somebody else made, so it may not say which files are written.
 */
export async function readConfigFile(named: NamedFile | undefined): Promise<GetOptions> {
  const path = resolve(named?.path ?? usualName);
  if (named === undefined && !existsSync(path)) return {};
  const text = await readText(named ?? { path, called: "the config file", must: "a file with options as JSON" });
  return parseConfig(text, path, { named: named !== undefined });
}

/** @throws UsageError that names the file, and the key and value that are wrong. */
export function parseConfig(text: string, path: string, { named }: { readonly named: boolean }): GetOptions {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`config file ${path} is no JSON: ${(error as Error).message}`);
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UsageError(`config file ${path} must hold one object of options`);
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, take(name, value, path, named)]));
}

function take(name: string, value: unknown, path: string, named: boolean): unknown {
  const row = optionRows.find((each) => each.name === name);
  if (!row) {
    const known = optionRows.map((each) => each.name);
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `known are ${known.join(", ")}` : `did you mean "${nearest}"?`;
    throw new UsageError(`config file ${path}: unknown option "${name}"; ${hint}`);
  }
  if (row.writes && !named) {
    const why =
      "it says which files are written, so it is taken only from a file given with --config, or from its flag";
    throw new UsageError(`config file ${path} was found, not given, and holds "${name}": ${why}`);
  }
  try {
    return row.take(value, name);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`config file ${path}: ${error.message}`) : error;
  }
}
