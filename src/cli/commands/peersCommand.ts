import { Command } from "commander";
import type { PeersFlags } from "../peers.js";

export function peersCommand(): Command {
  return new Command("peers")
    .description("list what your downloads learned of peers, the one heard last first")
    .option("--json", "one peer a line, as JSON")
    .option("--forget <peer>", "forget one of them, or all")
    .action(async (flags: PeersFlags) => {
      const { peers } = await import("../local.js");
      await peers(flags);
    });
}
