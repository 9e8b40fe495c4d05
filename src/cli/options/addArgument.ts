import { Argument, type Command } from "commander";
import type { Reader } from "./OptionRow.js";

/**
 * Gives a command an argument, whose words are read as values of options are: an impossible one is refused before the command begins, by the argument's name.
 */
export function addArgument(
  command: Command,
  name: string,
  description: string,
  read: Reader,
  usual?: string,
): Command {
  const argument = new Argument(name, description);
  if (usual !== undefined) argument.default(usual);
  const called = argument.name().toUpperCase();
  argument.argParser((text: string, before: unknown) => {
    const value = read(text, called);
    return argument.variadic ? [...(Array.isArray(before) ? (before as unknown[]) : []), value] : value;
  });
  return command.addArgument(argument);
}
