import { Command } from "commander";
import type { StatusFlags } from "../status.js";

export function statusCommand(): Command {
  return new Command("status")
    .description("list the unfinished downloads in a folder")
    .argument("[folder]", "where to look", ".")
    .option("--json", "one download a line, as JSON")
    .action(async (folder: string, flags: StatusFlags) => {
      const { status } = await import("../local.js");
      await status(folder, flags);
    });
}
