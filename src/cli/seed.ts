import { Command } from "commander";
import { concatMap, EMPTY, lastValueFrom, merge, takeUntil } from "rxjs";
import { serveFiles } from "../node.js";
import { interrupts } from "./interrupts.js";
import { parseRate } from "./options/parseRate.js";
import { readPem } from "./options/readPem.js";
import { readSeedToken } from "./options/tokens.js";
import { output, outputFailed } from "./output.js";
import { say } from "./say.js";
import { describeServing } from "./show/describeServing.js";
import { lineWriter } from "./show/lineWriter.js";
import { nameRefusal } from "./show/nameRefusal.js";
import { UsageError, usage } from "./UsageError.js";
import { writeMeta4 } from "./writeMeta4.js";

interface Flags {
  readonly host: string;
  readonly port: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly limitRate?: string;
  readonly meta4?: boolean;
  readonly quiet?: boolean;
}

export function seedCommand(): Command {
  return new Command("seed")
    .description("serve files, or all files in folders; prints one link a file")
    .argument("<path...>", "files and folders")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0 takes any free one", "0")
    .option("--token <secret>", "secret that clients must bring; also TRIBUTARY_TOKEN")
    .option("--token-file <file>", "file that holds that secret")
    .option("--cert <file>", "certificate for wss://, PEM")
    .option("--key <file>", "its key, PEM")
    .option("--limit-rate <rate>", "bytes a second to all clients together, such as 500k or 2M")
    .option("--meta4", "write FILE.meta4 beside each file; nothing is replaced")
    .option("-q, --quiet", "tell only of files that are left out or badly named")
    .action(seed);
}

async function seed(paths: readonly string[], flags: Flags): Promise<void> {
  const token = await readSeedToken(flags, process.env["TRIBUTARY_TOKEN"]);
  const cert = await readPem("certificate", flags.cert);
  const key = await readPem("key", flags.key);
  const limitRate = flags.limitRate === undefined ? undefined : parseRate(flags.limitRate);
  const events = usage(() =>
    serveFiles(paths, {
      host: flags.host,
      port: parsePort(flags.port),
      ...(token !== undefined && { token }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(limitRate !== undefined && { limitRate }),
    }),
  );
  const out = lineWriter(output);
  const describe = describeServing();
  const told = events.pipe(
    takeUntil(merge(interrupts(), outputFailed)),
    concatMap((event) => {
      const text = describe(event);
      if (!flags.quiet || event.type === "file-skipped") say(text);
      if (event.type !== "file-served") return EMPTY;
      const { path, link, manifest } = event;
      out.write(link);
      const refusal = nameRefusal(manifest.name);
      if (refusal !== undefined) say(`${path}: ${refusal}`);
      return flags.meta4 ? writeMeta4(path, manifest, link) : EMPTY;
    }),
  );
  await lastValueFrom(told, { defaultValue: undefined });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port is ${JSON.stringify(text)}; it must be a whole number from 0 to 65535`);
}
