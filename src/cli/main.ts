#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { isSystemError, systemWords } from "../command.js";
import { DownloadError } from "../index.js";
import { exitCodeOf, exitCodes } from "./exitCodes.js";
import { daemonCommands } from "./commands/daemonCommands.js";
import { getCommand } from "./commands/getCommand.js";
import { manifestCommand } from "./commands/manifestCommand.js";
import { peersCommand } from "./commands/peersCommand.js";
import { output } from "./output.js";
import { say } from "./say.js";
import { seedCommand } from "./commands/seedCommand.js";
import { statsCommand } from "./commands/statsCommand.js";
import { statusCommand } from "./commands/statusCommand.js";
import { unknownOption } from "./options/unknownOption.js";
import { UsageError } from "./UsageError.js";
import { verifyCommand } from "./commands/verifyCommand.js";
import { version } from "./version.js";

const program = new Command("tributary")
  .description("Downloads one file from many unreliable peers at once: retried, switched, verified and resumed.")
  .version(version)
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 unexpected, 2 usage, 3 failed but resumable, 4 integrity, 5 not found,",
  )
  .addHelpText("after", "6 authentication, 7 local disk, 130 interrupted and saved.");

const downloading = [seedCommand(), getCommand(), verifyCommand(), manifestCommand()];
const looking = [statusCommand(), peersCommand(), statsCommand()];
for (const command of [...downloading, ...daemonCommands(), ...looking]) program.addCommand(command);
for (const command of [program, ...program.commands]) {
  command.exitOverride((error) => {
    throw unknownOption(error, command, program.commands);
  });
  command.configureOutput({ writeOut: (text) => output.write(text), outputError: () => undefined });
}

// There is nobody left to tell.
process.stderr.on("error", () => undefined);

program.parseAsync().catch((error: unknown) => {
  process.exitCode = failed(error);
});

function failed(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done;
    // Commander's suggestions come on a line of their own.
    if (error.message !== "(outputHelp)") say(error.message.replace(/^error: /, "").replaceAll("\n", " "));
    return exitCodes.usage;
  }
  if (error instanceof UsageError || error instanceof DownloadError) say(error.message);
  // What the system refuses is no bug.
  else if (isSystemError(error)) {
    say(`${[error.syscall, error.path].filter(Boolean).join(" ")}: ${systemWords(error)}`);
    return exitCodes.localDisk;
  } else
    `unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.split("\n").forEach(say);
  return exitCodeOf(error);
}
