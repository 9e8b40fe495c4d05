import { Command } from "commander";
import { excludes } from "../options/needs.js";
import { addOptions, type OptionRow } from "../options/OptionRow.js";
import { someText } from "../options/takeText.js";
import type { PeersFlags } from "../peers.js";

const rows: readonly OptionRow[] = [
  {
    flags: "--json",
    description: "one peer a line, as JSON",
    needs: [excludes("forget", "is of a list, and --forget lists nothing; leave one of them out")],
  },
  {
    flags: "--forget <peer>",
    description: "forget one of them, or all",
    read: someText('all or a peer that "tributary peers" lists'),
  },
];

export function peersCommand(): Command {
  const command = new Command("peers").description(
    "list what your downloads learned of peers, the one heard last first",
  );
  return addOptions(command, rows).action(async (flags: PeersFlags) => {
    const { peers } = await import("../local.js");
    await peers(flags);
  });
}
