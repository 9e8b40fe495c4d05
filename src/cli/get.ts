import type { Command } from "commander";
import { firstValueFrom, type MonoTypeOperatorFunction } from "rxjs";
import type { DownloadEvent } from "../index.js";
import { downloadFiles } from "../node.js";
import { getInTurn } from "./getInTurn.js";
import { interrupts } from "./interrupts.js";
import { readConfigFile } from "./options/configFile.js";
import { optionRows, downloadOptionsOf, type GetOptions } from "./options/getOptions.js";
import { readTokens, type TokenSources } from "./options/tokens.js";
import { readHeaders } from "./options/headers.js";
import { readPem } from "./options/readPem.js";
import { output } from "./output.js";
import { paintFor } from "./show/paint.js";
import { showJson } from "./show/showJson.js";
import { showPlain } from "./show/showPlain.js";
import { UsageError, usage, usageLater } from "./UsageError.js";

export type GetFlags = Record<string, unknown> &
  TokenSources & {
    peer?: readonly string[];
    out?: string;
    select?: readonly string[];
    config?: string;
    ca?: string;
    header?: readonly string[];
    checksum?: string;
  };

const noStdout =
  '--out is "-"; a download is written in many places at once, which stdout cannot take: give the name of a file (./- for one called "-")';

/** Runs `tributary get`. */
export async function get(sources: readonly string[], flags: GetFlags, command: Command): Promise<void> {
  if (flags.out === "-") throw new UsageError(noStdout);
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
    await getInTurn(downloads, { show: await show(options), quiet: options.quiet ?? false });
  } finally {
    listening.unsubscribe();
  }
}

/** Options that were typed: a flag that turns something off has a value of its own when it was not. */
function optionsIn(flags: GetFlags, command: Command): GetOptions {
  const given = optionRows.filter(({ name }) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(({ name, take, typed = (text) => text }) => [name, take(typed(flags[name]))]));
}

async function show({ quiet = false, json = false }: GetOptions): Promise<MonoTypeOperatorFunction<DownloadEvent>> {
  if (json) return showJson(output);
  if (quiet) return (events) => events;
  // A terminal without columns, as `script` makes it, shows nothing of a view.
  if (!process.stdout.isTTY || process.stdout.columns < 1) return showPlain(output);
  const { showLive } = await import("./show/showLive.js");
  return showLive(process.stdout, paintFor(process.env));
}
