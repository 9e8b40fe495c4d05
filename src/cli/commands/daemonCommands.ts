import { Command } from "commander";
import type { AddFlags } from "../daemon/add.js";
import type { ControlFlags, Verb } from "../daemon/control.js";
import type { ListFlags } from "../daemon/list.js";
import type { ServeFlags } from "../daemon/serve.js";
import type { UiFlags } from "../daemon/ui.js";
import type { Priority } from "../../node.js";
import { excludes } from "../options/needs.js";
import { addOptions, type OptionRow } from "../options/OptionRow.js";
import { aNumber, aPort } from "../options/takeNumber.js";
import { aChecksum } from "../options/takeSources.js";
import { aFile, aFileName, aFolder, aList, oneOf } from "../options/takeText.js";

const verbs: Readonly<Record<Verb, string>> = {
  pause: "pause downloads; what is here of them is saved",
  resume: "go on with downloads that are paused or cancelled",
  cancel: "stop downloads that are not complete",
  retry: "try downloads again that failed",
  remove: "take downloads off the list; complete files stay",
};

const priorities: readonly Priority[] = ["high", "normal", "low"];

/** The commands of the daemon and of its list. */
export function daemonCommands(): readonly Command[] {
  return [
    addCommand(),
    listCommand(),
    ...Object.keys(verbs).map((verb) => verbCommand(verb as Verb)),
    uiCommand(),
    serveCommand(),
  ];
}

const addRows: readonly OptionRow[] = [
  { flags: "-o, --out <file>", description: "name of the file, where one is added", read: aFileName },
  { flags: "-d, --dir <folder>", description: "where to put the files (.)", read: aFolder },
  {
    flags: "-i, --input-file <list>",
    description: "add the files of a list, as of get; - for stdin",
    read: aList,
  },
  {
    flags: "--checksum <digest>",
    description: "what the whole file must hash to, where one is added",
    read: aChecksum,
  },
  {
    flags: "--priority <rank>",
    description: "high, normal or low: which of those that wait is next (normal)",
    read: oneOf(priorities),
  },
  { flags: "--overwrite", description: "replace another file of that name" },
  { flags: "--paused", description: "list them only, until they are resumed" },
];

function addCommand(): Command {
  const command = new Command("add")
    .description("add downloads to the list of the daemon, which is started where none runs")
    .argument(
      "[source...]",
      "a download each: a link, an address, a .meta4; mirrors of one file in one word, separated by tabs",
    );
  return addOptions(command, addRows).action(async (sources: readonly string[], flags: AddFlags) => {
    const { add } = await import("../daemon/clients.js");
    await add(sources, flags);
  });
}

function listCommand(): Command {
  return new Command("list")
    .description("list the downloads of the daemon")
    .option("--json", "one download a line, as JSON")
    .action(async (flags: ListFlags) => {
      const { list } = await import("../daemon/clients.js");
      await list(flags);
    });
}

function verbCommand(verb: Verb): Command {
  const command = new Command(verb)
    .description(verbs[verb])
    .argument("[id...]", "numbers of downloads, as list shows them")
    .option("--all", "all to which it applies");
  if (verb === "cancel" || verb === "remove")
    command.option("--delete-files", "remove what is here of unfinished files");
  return command.action(async (ids: readonly string[], flags: ControlFlags) => {
    const { control } = await import("../daemon/clients.js");
    await control(verb, ids, flags);
  });
}

function uiCommand(): Command {
  return new Command("ui")
    .description("print the link of the daemon's page, and open it where there is a terminal and a browser")
    .option("--no-open", "only print it")
    .action(async (flags: UiFlags) => {
      const { ui } = await import("../daemon/clients.js");
      await ui(flags);
    });
}

const running: readonly OptionRow[] = [
  {
    flags: "--port <n>",
    description: "port to listen on (that of the last time where it is free)",
    read: aNumber(aPort),
  },
  {
    flags: "-d, --dir <folder>",
    description: "where to put files of which nobody said where (Downloads)",
    read: aFolder,
  },
  { flags: "--until-idle", description: "end when nothing is left to do and no client is there" },
  { flags: "--log <file>", description: "write all that it says into this file, each line with its time", read: aFile },
];
const notStopping = excludes(
  "stop",
  "is of a daemon that starts, and --stop ends the one that runs; leave one of them out",
);

const serveRows: readonly OptionRow[] = [
  ...running.map((row) => ({ ...row, needs: [notStopping] })),
  { flags: "--stop", description: "end the daemon that runs; what it does is saved" },
];

function serveCommand(): Command {
  const command = new Command("serve").description(
    "run the daemon that owns the list of downloads; one a user, on 127.0.0.1 only",
  );
  return addOptions(command, serveRows).action(async (flags: ServeFlags) => {
    const { serve } = await import("../daemon/clients.js");
    await serve(flags);
  });
}
