import type { Command, CommanderError } from "commander";
import { nearestName } from "../../command.js";
import { UsageError } from "../UsageError.js";

/**
 * The error of an option that a command lacks, with the commands that have it and the one of this command that was most likely meant; any other error of
 * commander as it is. What stands behind `=` is not told: it may be a secret.
 *
 * @param all commands of the tool
 */
export function unknownOption(error: CommanderError, command: Command, all: readonly Command[]): Error {
  const [, typed] = /^error: unknown option '([^'=]+)/.exec(error.message) ?? [];
  if (error.code !== "commander.unknownOption" || typed === undefined) return error;
  const others = all.filter(({ options }) => options.some(({ long, short }) => long === typed || short === typed));
  const known = command.createHelp().visibleOptions(command);
  // Without dashes, in which all are alike.
  const nearest = nearestName(
    bare(typed),
    known.flatMap(({ long }) => (long === undefined ? [] : bare(long))),
  );
  const owners = others.length === 0 ? "" : `, which is an option of ${others.map((each) => each.name()).join(", ")}`;
  const path = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  const hint = nearest === undefined ? `${path} --help lists all that it has` : `did you mean --${nearest}?`;
  return new UsageError(`${command.name()} has no option ${typed}${owners}; ${hint}`);
}

const bare = (flag: string): string => flag.replace(/^--?/, "");
