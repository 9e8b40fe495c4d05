import { Command } from "commander";
import type { StatsFlags } from "../stats.js";

export function statsCommand(): Command {
  return new Command("stats")
    .description("show what became of all your downloads: completions, recoveries, retries, waste")
    .option("--json", "as one line of JSON")
    .action(async (flags: StatsFlags) => {
      const { stats } = await import("../local.js");
      await stats(flags);
    });
}
