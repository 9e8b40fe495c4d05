#!/usr/bin/env node
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { DownloadError } from "../index.js";
import { exitCodeOf, exitCodes } from "./exitCodes.js";
import { getCommand } from "./get.js";
import { manifestCommand } from "./manifest.js";
import { output } from "./output.js";
import { peersCommand } from "./peers.js";
import { say } from "./say.js";
import { seedCommand } from "./seed.js";
import { statsCommand } from "./stats.js";
import { statusCommand } from "./status.js";
import { UsageError } from "./UsageError.js";
import { verifyCommand } from "./verify.js";

const { version } = createRequire(import.meta.url)("rx-tributary/package.json") as { version: string };

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
for (const command of [...downloading, ...looking]) program.addCommand(command);
for (const command of [program, ...program.commands]) {
  command.exitOverride().configureOutput({ writeOut: (text) => output.write(text), outputError: () => undefined });
}

// There is nobody left to tell.
process.stderr.on("error", () => undefined);

program.parseAsync().catch((error: unknown) => {
  process.exitCode = failed(error);
});

function failed(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done;
    // Its suggestions come on a line of their own.
    if (error.message !== "(outputHelp)") say(error.message.replace(/^error: /, "").replaceAll("\n", " "));
    return exitCodes.usage;
  }
  if (error instanceof UsageError || error instanceof DownloadError) say(error.message);
  else
    `unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.split("\n").forEach(say);
  return exitCodeOf(error);
}
