import { lastValueFrom } from "rxjs";
import { cataloguePath } from "../command.js";
import { downloadStats } from "../node.js";
import { output } from "./output.js";
import { lineWriter } from "./show/lineWriter.js";
import { renderStats } from "./show/renderStats.js";

export interface StatsFlags {
  readonly json?: boolean;
}

/** Runs `tributary stats`. */
export async function stats({ json = false }: StatsFlags): Promise<void> {
  const found = await lastValueFrom(downloadStats());
  const out = lineWriter(output);
  if (json) out.writeJson(found);
  else renderStats(found, cataloguePath()).forEach((line) => out.write(line));
}
