import { resolve } from "node:path";
import { lastValueFrom, map, type Observable, switchMap, take } from "rxjs";
import type { AddedDownload, DownloadRow, Priority } from "../../node.js";
import { parseSources } from "../../command.js";
import { calledIn } from "../options/calledIn.js";
import { readList, type TypedEntry } from "../options/readList.js";
import { checksumFromHere } from "../options/takeSources.js";
import type { NamedFile } from "../options/takeText.js";
import { output } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { UsageError, usage, usageLater } from "../UsageError.js";
import { againWhileEnding, reachDaemon } from "./reachDaemon.js";
import { howItIs } from "./renderRows.js";
import { rowsOf, titleOf } from "./rowsOf.js";

export interface AddFlags {
  readonly out?: string;
  readonly dir?: string;
  readonly checksum?: string;
  readonly inputFile?: NamedFile;
  readonly priority?: Priority;
  readonly paused?: boolean;
  readonly overwrite?: boolean;
}

const outFlag = { flags: "-o, --out <file>", long: "--out", short: "-o" };

/** Runs `tributary add`. */
export async function add(sources: readonly string[], flags: AddFlags): Promise<void> {
  const downloads = await downloadsOf(sources, flags);
  const { ids, known } = await usageLater(lastValueFrom(added(downloads)));
  const out = lineWriter(output);
  for (const [place, id] of ids.entries()) out.write(`${id}  ${downloads[place]?.sources?.[0] ?? ""}`);
  for (const row of known) {
    const goesOn = flags.paused === true || row.state === "waiting" || row.state === "running";
    say(`${row.id}  ${titleOf(row)} is in the list already (${howItIs(row)})${goesOn ? "" : ", and is tried again"}`);
  }
}

/** Numbers of the downloads, and those that were in the list already, as they were. */
function added(
  downloads: readonly AddedDownload[],
): Observable<{ readonly ids: readonly number[]; readonly known: readonly DownloadRow[] }> {
  return reachDaemon().pipe(
    switchMap((daemon) =>
      rowsOf(daemon).pipe(
        take(1),
        switchMap((before) =>
          daemon.connection
            .ask({ type: "add", downloads: [...downloads] })
            .pipe(
              map(({ downloads: ids, known = [] }) => ({ ids, known: before.filter(({ id }) => known.includes(id)) })),
            ),
        ),
      ),
    ),
    take(1),
    againWhileEnding(),
  );
}

async function downloadsOf(sources: readonly string[], flags: AddFlags): Promise<readonly AddedDownload[]> {
  const { out, checksum, inputFile, paused = false, overwrite } = flags;
  const listed: readonly TypedEntry[] = inputFile === undefined ? [] : await readList(inputFile);
  const typed = sources.map((words) => ({ sources: words.split("\t").filter((word) => word !== "") }));
  const all: readonly TypedEntry[] = [...typed, ...listed];
  if (all.length === 0) throw new UsageError("missing required argument 'source'");
  if (all.length > 1 && (out ?? checksum) !== undefined)
    throw new UsageError(
      `${out === undefined ? "--checksum" : calledIn(outFlag)} is of one file, and ${all.length} are added`,
    );
  const { priority = "normal" } = flags;
  // Before paths are made whole, so that what is wrong is told as it was typed.
  for (const own of all) usage(() => parseSources(own.sources));
  return all.map((own) => {
    const dir = resolve(own.dir ?? flags.dir ?? ".");
    const digest = own.checksum ?? checksum;
    const given = { out: own.out ?? out, checksum: digest && checksumFromHere(digest), overwrite };
    const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { sources: own.sources.map(asHere), options: { ...options, dir }, priority, paused };
  });
}

/** A source as the daemon, which works in another folder, is to take it. */
function asHere(source: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(source) || /^[0-9a-f]{64}$/i.test(source) ? source : resolve(source);
}
