import { Command } from "commander";
import { lastValueFrom } from "rxjs";
import { cataloguePath, downloadStats } from "../node.js";
import { output } from "./output.js";
import { lineWriter } from "./show/lineWriter.js";
import { renderStats } from "./show/renderStats.js";

export function statsCommand(): Command {
  return new Command("stats")
    .description("show what became of all your downloads: completions, recoveries, retries, waste")
    .option("--json", "as one line of JSON")
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const stats = await lastValueFrom(downloadStats());
      const out = lineWriter(output);
      (json ? [JSON.stringify(stats)] : renderStats(stats, cataloguePath())).forEach((line) => out.write(line));
    });
}
