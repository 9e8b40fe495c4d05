import type { Command } from "commander";
import { type MonoTypeOperatorFunction, type Observable, tap } from "rxjs";
import { downloadAll, type DownloadAllOptions, type ListEvent, SharedFiles } from "../node.js";
import { getAll } from "./getAll.js";
import { interrupts } from "./interrupts.js";
import { readConfigFile } from "./options/configFile.js";
import { type FindFlags, findOptions } from "./options/findOptions.js";
import { downloadOptionsOf, flagOf, optionRows, type GetOptions } from "./options/getOptions.js";
import { readList, type TypedEntry } from "./options/readList.js";
import { readTokens, type TokenSources } from "./options/tokens.js";
import { readHeaders } from "./options/readHeaders.js";
import { readPem } from "./options/readPem.js";
import { type RtcFlags, rtcOption } from "./options/rtcOption.js";
import { seedFlagOf, type SeedWhileFlags, seedWhileOptions } from "./options/seedWhileOptions.js";
import { typedNumber, wholeFrom } from "./options/takeNumber.js";
import { output } from "./output.js";
import { showAsFits } from "./show/showAsFits.js";
import { showJson } from "./show/showJson.js";
import { showListJson } from "./show/showListJson.js";
import { showListPlain } from "./show/showListPlain.js";
import { showPlain } from "./show/showPlain.js";
import { styleFor } from "./show/Style.js";
import { UsageError, usage, usageLater } from "./UsageError.js";

export type GetFlags = Record<string, unknown> &
  TokenSources &
  SeedWhileFlags &
  RtcFlags &
  FindFlags & {
    peer?: readonly string[];
    out?: string;
    select?: readonly string[];
    config?: string;
    ca?: string;
    header?: readonly string[];
    checksum?: string;
    inputFile?: string;
    jobs?: string;
    ui?: boolean;
    open?: boolean;
  };

const noStdout =
  '--out is "-"; a download is written in many places at once, which stdout cannot take: give the name of a file (./- for one called "-")';

const someFiles = wholeFrom(1, Number.MAX_SAFE_INTEGER, "a whole number of files, at least 1");

/** Runs `tributary get`. */
export async function get(sources: readonly string[], flags: GetFlags, command: Command): Promise<void> {
  if (flags.out === "") throw new UsageError('--out is ""; it must be the name of a file');
  if (flags.out === "-") throw new UsageError(noStdout);
  const options: GetOptions = { ...(await readConfigFile(flags.config)), ...optionsIn(flags, command) };
  const tokens = await readTokens(flags, process.env["TRIBUTARY_TOKEN"]);
  const ca = await readPem("certificate authority", flags.ca);
  const jobs = typedNumber(flags.jobs, "--jobs", someFiles);
  const entries = await entriesOf(sources, flags);
  const seeding = seedWhileOptions(flags);
  const finding = findOptions(flags, seeding && { host: seeding.host ?? "127.0.0.1", called: "--seed-host" });
  const shared = seeding && new SharedFiles();
  const interrupted = interrupts();
  const wishes: DownloadAllOptions = {
    ...downloadOptionsOf(options),
    ...(jobs !== undefined && { concurrency: jobs }),
    ...(ca !== undefined && { ca }),
    headers: readHeaders(flags.header),
    tokens,
    pauseWhen: interrupted,
    rtc: rtcOption(flags),
    shared,
    ...(finding && { findPeers: finding.findPeers }),
  };
  // Also with a page: what is wrong with the words shows here and now.
  const list = usage(() => downloadAll(entries, wishes));
  // Also while the last words are written, so that a second Ctrl-C is never missed.
  const listening = interrupted.subscribe();
  try {
    const shown = await show(options, entries.length);
    const events = flags.ui ? await paged(entries, wishes, flags) : list.events;
    const { quiet = false } = options;
    const announcing = finding && { announce: finding.announce };
    const paths = new Map<string, string>();
    const noted = events.pipe(tap((event) => notePath(paths, event)));
    const all = (): Promise<void> => usageLater(getAll(noted, { show: shown, quiet }));
    if (seeding && shared) {
      const { seedWhile } = await import("./serving.js");
      const pathOf = (root: string): string | undefined => paths.get(root) ?? shared.nameOf(root);
      const parts = { shared, seeding: { ...seeding, ...announcing }, interrupted, quiet, pathOf };
      await usageLater(seedWhile(all, parts), seedFlagOf);
    } else {
      await all();
    }
  } finally {
    listening.unsubscribe();
  }
}

/** Notes where a file is, by its root. */
function notePath(paths: Map<string, string>, event: ListEvent): void {
  if (event.type !== "file-event" || event.event.type !== "download-started") return;
  const { path, manifest } = event.event;
  if (path !== undefined) paths.set(manifest.root, path);
}

/** Events of the list with a page of it. */
async function paged(
  entries: readonly TypedEntry[],
  wishes: DownloadAllOptions,
  { open = true }: GetFlags,
): Promise<Observable<ListEvent>> {
  const { withPage } = await import("./daemon/clients.js");
  return withPage(entries, wishes, { open });
}

/** The files that are asked for: those of a list, or the one that the sources and flags are of. */
async function entriesOf(sources: readonly string[], flags: GetFlags): Promise<readonly TypedEntry[]> {
  const { inputFile, peer = [], out, select, checksum } = flags;
  if (inputFile === undefined) {
    if (sources.length === 0) throw new UsageError("missing required argument 'source'");
    const given = { out, select, checksum };
    return [
      {
        sources: [...sources, ...peer],
        ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      },
    ];
  }
  const ofOne = {
    source: sources[0],
    "--peer": peer[0],
    "--out": out,
    "--select": select?.[0],
    "--checksum": checksum,
  };
  for (const [name, value] of Object.entries(ofOne)) {
    if (value === undefined) continue;
    throw new UsageError(
      `${name} ${JSON.stringify(value)} is of one file, and --input-file names a list; write it into the list`,
    );
  }
  return readList(inputFile);
}

/** Options that were typed: a flag that turns something off has a value of its own when it was not. */
function optionsIn(flags: GetFlags, command: Command): GetOptions {
  const given = optionRows.filter(({ name }) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(
    given.map((row) => {
      const { name, take, typed = (text) => text } = row;
      return [name, take(typed(flags[name]), flagOf(row))];
    }),
  );
}

async function show(
  { quiet = false, json = false }: GetOptions,
  entries: number,
): Promise<MonoTypeOperatorFunction<ListEvent>> {
  if (json) return showAsFits(showJson(output), showListJson(output), entries);
  if (quiet) return (events) => events;
  // A terminal without columns, as `script` makes it, shows nothing of a view; a dumb one cannot draw a line anew.
  if (!process.stdout.isTTY || process.stdout.columns < 1 || process.env["TERM"] === "dumb")
    return showAsFits(showPlain(output), showListPlain(output), entries);
  const { showListLive, showLive } = await import("./show/views.js");
  const style = styleFor(process.env, process.platform);
  return showAsFits(showLive(process.stdout, style), showListLive(process.stdout, style), entries);
}
