import { Command, Option } from "commander";
import type { GetFlags } from "../get.js";
import { getGroups } from "../options/getRows.js";
import { addOptions } from "../options/OptionRow.js";

export function getCommand(): Command {
  const command = new Command("get")
    .description(
      "download a file from many peers, or the files of a .meta4 or a list; an interrupted download is taken up by itself",
    )
    .argument(
      "[source...]",
      "links or http(s) mirrors of one file, a .meta4 or its URL, or a root with --peer, --dht or --lan",
    );
  for (const { heading, rows } of getGroups) addOptions(command, rows, heading);
  const [last] = getGroups.slice(-1);
  command.addHelpOption(new Option("-h, --help", "show this help").helpGroup(`${last?.heading ?? "General"}:`));
  return command.action(async (sources: readonly string[], flags: GetFlags) => {
    const { get } = await import("../get.js");
    await get(sources, flags, command);
  });
}
