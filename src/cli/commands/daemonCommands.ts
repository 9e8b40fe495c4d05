import { Command } from "commander";
import type { AddFlags } from "../daemon/add.js";
import type { ControlFlags, Verb } from "../daemon/control.js";
import type { ListFlags } from "../daemon/list.js";
import type { ServeFlags } from "../daemon/serve.js";
import type { UiFlags } from "../daemon/ui.js";

const verbs: Readonly<Record<Verb, string>> = {
  pause: "pause downloads; what is here of them is saved",
  resume: "go on with downloads that are paused or cancelled",
  cancel: "stop downloads that are not complete",
  retry: "try downloads again that failed",
  remove: "take downloads off the list; complete files stay",
};

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

function addCommand(): Command {
  return new Command("add")
    .description("add downloads to the list of the daemon, which is started where none runs")
    .argument(
      "[source...]",
      "a download each: a link, an address, a .meta4; mirrors of one file in one word, separated by tabs",
    )
    .option("-o, --out <file>", "name of the file, where one is added")
    .option("-d, --dir <folder>", "where to put the files (.)")
    .option("-i, --input-file <list>", "add the files of a list, as of get; - for stdin")
    .option("--checksum <digest>", "what the whole file must hash to, where one is added")
    .option("--priority <rank>", "high, normal or low: which of those that wait is next (normal)")
    .option("--overwrite", "replace another file of that name")
    .option("--paused", "list them only, until they are resumed")
    .action(async (sources: readonly string[], flags: AddFlags) => {
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

function serveCommand(): Command {
  return new Command("serve")
    .description("run the daemon that owns the list of downloads; one a user, on 127.0.0.1 only")
    .option("--port <n>", "port to listen on (that of the last time where it is free)")
    .option("-d, --dir <folder>", "where to put files of which nobody said where (Downloads)")
    .option("--until-idle", "end when nothing is left to do and no client is there")
    .option("--stop", "end the daemon that runs; what it does is saved")
    .option("--log <file>", "write all that it says into this file, each line with its time")
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("../daemon/clients.js");
      await serve(flags);
    });
}
