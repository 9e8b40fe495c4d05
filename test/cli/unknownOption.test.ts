import { CommanderError } from "commander";
import { expect, it } from "vitest";
import { unknownOption } from "../../src/cli/options/unknownOption.js";
import { UsageError } from "../../src/cli/UsageError.js";
import { allCommands } from "./allCommands.js";

/** The error of a command for what was typed behind it. */
function refused(name: string, ...words: readonly string[]): Error {
  const all = allCommands();
  const command = all.find((each) => each.name() === name) ?? expect.fail(`there is no ${name}`);
  command.configureOutput({ outputError: () => undefined }).exitOverride((error) => {
    throw unknownOption(error, command, all);
  });
  try {
    command.parse(words, { from: "user" });
  } catch (error) {
    return error as Error;
  }
  return expect.fail("nothing is refused");
}

it.each([
  [["seed", "--seed-port", "1"], "seed has no option --seed-port, which is an option of get; did you mean --port?"],
  [
    ["add", "--select", "x"],
    "add has no option --select, which is an option of get, verify; add --help lists all that it has",
  ],
  [["seed", "-j", "3", "a"], "seed has no option -j, which is an option of get; seed --help lists all that it has"],
  [["list", "--jsn"], "list has no option --jsn; did you mean --json?"],
  [["verify", "--hepl"], "verify has no option --hepl; did you mean --help?"],
  [["get", "--xyzzy"], "get has no option --xyzzy; get --help lists all that it has"],
  // A secret is not told.
  [
    ["list", "--seed-token=secret"],
    "list has no option --seed-token, which is an option of get; list --help lists all that it has",
  ],
] as const)("Of %j the option is named, those who have it, and the one that was meant", ([name, ...words], message) => {
  const error = refused(name, ...words);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toBe(message);
});

it("Other errors of the command line stay as they are", () => {
  expect(refused("peers", "one", "too many")).toBeInstanceOf(CommanderError);
});
