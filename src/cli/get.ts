import type { Command } from "commander";
import { type MonoTypeOperatorFunction, type Observable, tap } from "rxjs";
import { downloadAll, type DownloadAllOptions, type ListEvent, SharedFiles } from "../node.js";
import { getAll } from "./getAll.js";
import { interrupts } from "./interrupts.js";
import { readConfigFile } from "./options/configFile.js";
import { type FindFlags, findOptions } from "./options/findOptions.js";
import { type Asked, askedIn } from "./options/Asked.js";
import { downloadOptionsOf, optionRows, type GetOptions } from "./options/getOptions.js";
import { readList, type TypedEntry } from "./options/readList.js";
import { readTokens, type TokenSources } from "./options/tokens.js";
import { readHeaders, type TypedHeader } from "./options/readHeaders.js";
import { readCertificate } from "./options/readPem.js";
import { type RtcFlags, rtcOption } from "./options/rtcOption.js";
import { seedFlagOf, type SeedWhileFlags, seedWhileOptions } from "./options/seedWhileOptions.js";
import type { NamedFile } from "./options/takeText.js";
import { IdleOptions } from "./IdleOptions.js";
import { output } from "./output.js";
import { say } from "./say.js";
import { showAsFits } from "./show/showAsFits.js";
import { showJson } from "./show/showJson.js";
import { showListJson } from "./show/showListJson.js";
import { showListPlain } from "./show/showListPlain.js";
import { showPlain } from "./show/showPlain.js";
import { styleFor } from "./show/Style.js";
import { type TypedNames, UsageError, usage, usageLater } from "./UsageError.js";

export type GetFlags = Record<string, unknown> &
  TokenSources &
  SeedWhileFlags &
  RtcFlags &
  FindFlags & {
    peer?: readonly string[];
    out?: string;
    select?: readonly string[];
    config?: NamedFile;
    ca?: NamedFile;
    header?: readonly TypedHeader[];
    checksum?: string;
    inputFile?: NamedFile;
    jobs?: number;
    ui?: boolean;
    open?: boolean;
  };

/** Runs `tributary get`. */
export async function get(sources: readonly string[], flags: GetFlags, command: Command): Promise<void> {
  const options: GetOptions = { ...(await readConfigFile(flags.config)), ...optionsIn(flags, command) };
  const tokens = await readTokens(flags, process.env["TRIBUTARY_TOKEN"]);
  const ca = await readCertificate(flags.ca);
  const entries = await entriesOf(sources, flags);
  const seeding = seedWhileOptions(flags);
  const finding = findOptions(flags, seeding && { host: seeding.host ?? "127.0.0.1", called: "--seed-host" });
  const shared = seeding && new SharedFiles();
  const interrupted = interrupts();
  const wishes: DownloadAllOptions = {
    ...downloadOptionsOf(options),
    ...(flags.jobs !== undefined && { concurrency: flags.jobs }),
    ...(ca !== undefined && { ca }),
    headers: readHeaders(flags.header),
    tokens,
    pauseWhen: interrupted,
    rtc: rtcOption(flags),
    shared,
    ...(finding && { findPeers: finding.findPeers }),
  };
  // Also with a page: what is wrong with the words shows here and now.
  const list = usage(() => downloadAll(entries, wishes), calledOf);
  const { quiet = false } = options;
  const idle = new IdleOptions(command, quiet ? () => undefined : say);
  idle.tell(askedOf(sources, flags, options));
  // Also while the last words are written, so that a second Ctrl-C is never missed.
  const listening = interrupted.subscribe();
  try {
    const shown = await show(options, entries.length);
    const events = flags.ui ? await paged(entries, wishes, flags) : list.events;
    const announcing = finding && { announce: finding.announce };
    const paths = new Map<string, string>();
    const noted = events.pipe(
      tap((event) => notePath(paths, event)),
      tap((event) => idle.take(event)),
    );
    const all = async (): Promise<void> => {
      await usageLater(getAll(noted, { show: shown, quiet, calledOf }));
      idle.tellWhatCame();
    };
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

/** Flags of what the words of one file are called in the library. */
const calledOf: TypedNames = { select: "--select", checksum: "--checksum" };

function askedOf(sources: readonly string[], flags: GetFlags, { discovery = true, exchange }: GetOptions): Asked {
  const { peer = [], inputFile, seed = false, dht = false, lan = false, rtc = false } = flags;
  const isList = inputFile !== undefined;
  const finds = (exchange ?? seed) || dht || lan || rtc;
  return askedIn({ sources: [...sources, ...peer], isList, discovery, finds });
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
  if (inputFile !== undefined) {
    if (sources[0] === undefined) return readList(inputFile);
    const given = `source ${JSON.stringify(sources[0])}`;
    throw new UsageError(`${given} is of one file, and ${inputFile.called} names a list; write it into the list`);
  }
  if (sources.length === 0) throw new UsageError("missing required argument 'source'");
  const given = Object.entries({ out, select, checksum }).filter(([, value]) => value !== undefined);
  return [{ sources: [...sources, ...peer], ...Object.fromEntries(given) }];
}

/** Options that were typed: a flag that turns something off has a value of its own when it was not. */
function optionsIn(flags: GetFlags, command: Command): GetOptions {
  const given = optionRows.filter(({ name }) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(({ name }) => [name, flags[name]]));
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
