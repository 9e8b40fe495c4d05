import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { catchError, lastValueFrom, merge, tap, throwError } from "rxjs";
import { plural, serveDaemon, systemWords } from "../../command.js";
import { DownloadError } from "../../index.js";
import { exitCodeOf } from "../exitCodes.js";
import { interrupts } from "../interrupts.js";
import { output, outputFailed } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { UsageError } from "../UsageError.js";
import { version } from "../version.js";
import { daemonLog } from "./daemonLog.js";
import { keptRows } from "./keptRows.js";
import { pageFolder } from "./pageFolder.js";
import { stopDaemon } from "./reachDaemon.js";

export interface ServeFlags {
  readonly port?: number;
  readonly dir?: string;
  readonly untilIdle?: boolean;
  readonly stop?: boolean;
  /** File that takes all that is said, of a daemon that nobody watches. */
  readonly log?: string;
}

/** Runs `tributary serve`. */
export async function serve({ stop = false, log, ...flags }: ServeFlags): Promise<void> {
  if (stop) {
    const hasEnded = await lastValueFrom(stopDaemon());
    say(hasEnded ? `the daemon has ended${await whatGoesOn()}` : "no daemon runs");
    return;
  }
  if (log === undefined) {
    const out = lineWriter(output);
    await serveTelling(flags, { told: (text) => out.write(text), wrong: say });
    return;
  }
  checkLog(log);
  const write = daemonLog(log);
  try {
    await serveTelling(flags, { told: write, wrong: write });
    write("the daemon has ended");
  } catch (error) {
    write(error instanceof DownloadError ? error.message : `unexpected: ${wordsOf(error)}`);
    process.exitCode = exitCodeOf(error);
  }
}

/** @throws UsageError for a log that cannot be written from the beginning: later no log keeps a daemon from its work. */
function checkLog(path: string): void {
  try {
    appendFileSync(path, "", { mode: 0o600 });
  } catch (error) {
    const why = `which cannot be written: ${systemWords(error)}`;
    throw new UsageError(`--log is ${JSON.stringify(path)}, ${why}; it must be the path of a file`);
  }
}

/** Words for what a daemon that has ended leaves to the next one. */
async function whatGoesOn(): Promise<string> {
  const rows = await lastValueFrom(keptRows());
  const waiting = rows.filter(({ state }) => state === "waiting").length;
  if (waiting === 0) return "";
  return `; ${plural(waiting, "download goes", "downloads go")} on when the next one starts`;
}

interface Voices {
  readonly told: (text: string) => void;
  readonly wrong: (text: string) => void;
}

async function serveTelling({ port, dir, untilIdle = false }: ServeFlags, { told, wrong }: Voices): Promise<void> {
  const events = serveDaemon({
    program: `tributary ${version}`,
    untilIdle,
    ...(port !== undefined && { port }),
    ...(dir !== undefined && { dir: resolve(dir) }),
    page: pageFolder(),
    pauseWhen: merge(interrupts(), outputFailed),
  }).pipe(
    tap((event) => {
      if (event.type === "listening") told(`listening on 127.0.0.1 port ${event.port}; its page: tributary ui`);
      if (event.type === "notice" || event.type === "client-failed") wrong(event.message);
      if (event.type === "client-refused") wrong(`a client was refused (${event.status}): ${event.message}`);
    }),
    catchError((error: unknown) => throwError(() => withHint(error))),
  );
  await lastValueFrom(events, { defaultValue: undefined });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The failure with what the user could do about it. */
function withHint(error: unknown): unknown {
  if (!(error instanceof DownloadError) || error.code !== "LOCKED") return error;
  const text = `${error.message}; tributary ui shows the page of the one that runs, tributary serve --stop ends it`;
  return new DownloadError("LOCKED", text, { cause: error });
}
