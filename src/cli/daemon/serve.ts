import { resolve } from "node:path";
import { catchError, lastValueFrom, merge, tap, throwError } from "rxjs";
import { serveDaemon } from "../../command.js";
import { DownloadError } from "../../index.js";
import { interrupts } from "../interrupts.js";
import { output, outputFailed } from "../output.js";
import { say } from "../say.js";
import { lineWriter } from "../show/lineWriter.js";
import { UsageError } from "../UsageError.js";
import { version } from "../version.js";
import { pageFolder } from "./pageFolder.js";
import { stopDaemon } from "./reachDaemon.js";

export interface ServeFlags {
  readonly port?: string;
  readonly dir?: string;
  readonly untilIdle?: boolean;
  readonly stop?: boolean;
}

/** Runs `tributary serve`. */
export async function serve({ port, dir, untilIdle = false, stop = false }: ServeFlags): Promise<void> {
  if (stop) {
    const hasEnded = await lastValueFrom(stopDaemon());
    say(hasEnded ? "the daemon has ended; what it did goes on when the next one starts" : "no daemon runs");
    return;
  }
  const out = lineWriter(output);
  const events = serveDaemon({
    program: `tributary ${version}`,
    untilIdle,
    ...(port !== undefined && { port: parsePort(port) }),
    ...(dir !== undefined && { dir: resolve(dir) }),
    page: pageFolder(),
    pauseWhen: merge(interrupts(), outputFailed),
  });
  const told = events.pipe(
    tap((event) => {
      if (event.type === "listening") out.write(`listening on 127.0.0.1 port ${event.port}; its page: tributary ui`);
      if (event.type === "notice" || event.type === "client-failed") say(event.message);
      if (event.type === "client-refused") say(`a client was refused (${event.status}): ${event.message}`);
    }),
  );
  await lastValueFrom(told.pipe(catchError((error: unknown) => throwError(() => withHint(error)))), {
    defaultValue: undefined,
  });
}

/** The failure with what the user could do about it. */
function withHint(error: unknown): unknown {
  if (!(error instanceof DownloadError) || error.code !== "LOCKED") return error;
  const text = `${error.message}; tributary ui shows the page of the one that runs, tributary serve --stop ends it`;
  return new DownloadError("LOCKED", text, { cause: error });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port is ${JSON.stringify(text)}; it must be a whole number from 0 to 65535`);
}
