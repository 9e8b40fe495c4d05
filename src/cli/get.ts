import { Command } from "commander";
import { firstValueFrom, type MonoTypeOperatorFunction } from "rxjs";
import type { DownloadEvent } from "../index.js";
import { downloadFiles } from "../node.js";
import { getInTurn } from "./getInTurn.js";
import { interrupts } from "./interrupts.js";
import { readConfigFile } from "./options/configFile.js";
import { optionRows, downloadOptionsOf, type GetOptions } from "./options/getOptions.js";
import { readTokens, type TokenSources } from "./options/tokens.js";
import { collect } from "./options/collect.js";
import { readHeaders } from "./options/headers.js";
import { readPem } from "./options/readPem.js";
import { output } from "./output.js";
import { paintFor } from "./show/paint.js";
import { showJson } from "./show/showJson.js";
import { showLive } from "./show/showLive.js";
import { showPlain } from "./show/showPlain.js";
import { usage, usageLater } from "./UsageError.js";

type Flags = Record<string, unknown> &
  TokenSources & {
    peer?: readonly string[];
    out?: string;
    select?: readonly string[];
    config?: string;
    ca?: string;
    header?: readonly string[];
    checksum?: string;
  };

export function getCommand(): Command {
  const command = new Command("get")
    .description(
      "download a file from many peers, or the files of a .meta4; an interrupted download is taken up by itself",
    )
    .argument("<source...>", "links or http(s) mirrors of one file, a .meta4 or its URL, or a root with --peer")
    .option("-o, --out <file>", "name of the file (the manifest's)")
    .option("-p, --peer <url>", "a ws://host:port that has the file; may be repeated", collect)
    .option("--select <name>", "a file of a .meta4: its name, or its place from 1; may be repeated (all)", collect)
    .option("--token <host=secret>", "secret for one host, or host:port; may be repeated", collect)
    .option("--header <host=name: value>", "header for the mirrors on one host, or host:port; may be repeated", collect)
    .option("--checksum <sha-256=hex>", "what the whole file must hash to")
    .option("--token-file <file>", "the same, one host=secret a line; also TRIBUTARY_TOKEN")
    .option("--ca <file>", "certificate authority to trust for wss:// and https://, PEM, in place of the system's")
    .option("--config <file>", "options as JSON, by their names in camel case (tributary.config.json)");
  for (const { flags, description } of optionRows) command.option(flags, description);
  return command.action(get);
}

async function get(sources: readonly string[], flags: Flags, command: Command): Promise<void> {
  const options: GetOptions = { ...(await readConfigFile(flags.config)), ...optionsIn(flags, command) };
  const tokens = await readTokens(flags, process.env["TRIBUTARY_TOKEN"]);
  const ca = await readPem("certificate authority", flags.ca);
  const interrupted = interrupts();
  const planned = usage(() =>
    downloadFiles([...sources, ...(flags.peer ?? [])], {
      ...downloadOptionsOf(options),
      ...(flags.out !== undefined && { out: flags.out }),
      ...(flags.select !== undefined && { select: flags.select }),
      ...(ca !== undefined && { ca }),
      ...(flags.checksum !== undefined && { checksum: flags.checksum }),
      headers: readHeaders(flags.header),
      tokens,
      pauseWhen: interrupted,
    }),
  );
  // Also between two downloads and while the last words are written, so that a second Ctrl-C is never missed.
  const listening = interrupted.subscribe();
  try {
    const downloads = await usageLater(firstValueFrom(planned));
    await getInTurn(downloads, { show: show(options), quiet: options.quiet ?? false });
  } finally {
    listening.unsubscribe();
  }
}

/** What was typed: a flag that turns something off has a value of its own when it was not. */
function optionsIn(flags: Flags, command: Command): GetOptions {
  const given = optionRows.filter(({ name }) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(({ name, take, typed = (text) => text }) => [name, take(typed(flags[name]))]));
}

function show({ quiet = false, json = false }: GetOptions): MonoTypeOperatorFunction<DownloadEvent> {
  if (json) return showJson(output);
  if (quiet) return (events) => events;
  return process.stdout.isTTY ? showLive(process.stdout, paintFor(process.env)) : showPlain(output);
}
