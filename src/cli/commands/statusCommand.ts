import { Command } from "commander";
import { addArgument } from "../options/addArgument.js";
import { aFolder } from "../options/takeText.js";
import type { StatusFlags } from "../status.js";

export function statusCommand(): Command {
  const command = new Command("status").description("list the unfinished downloads in a folder");
  return addArgument(command, "[folder]", "where to look", aFolder, ".")
    .option("--json", "one download a line, as JSON")
    .action(async (folder: string, flags: StatusFlags) => {
      const { status } = await import("../local.js");
      await status(folder, flags);
    });
}
