import { concatMap, EMPTY, lastValueFrom, merge, takeUntil } from "rxjs";
import { safeFileName } from "../command.js";
import { serveFiles, type ServeFilesOptions } from "../node.js";
import { interrupts } from "./interrupts.js";
import { type FindFlags, findOptions } from "./options/findOptions.js";
import { readCertificate, readKey } from "./options/readPem.js";
import type { NamedFile } from "./options/takeText.js";
import { readSeedToken } from "./options/tokens.js";
import { output, outputFailed } from "./output.js";
import { say } from "./say.js";
import { describeServing } from "./show/describeServing.js";
import { lineWriter } from "./show/lineWriter.js";
import { usage } from "./UsageError.js";
import { writeMeta4 } from "./writeMeta4.js";

export interface SeedFlags extends FindFlags {
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  readonly tokenFile?: NamedFile;
  readonly cert?: NamedFile;
  readonly key?: NamedFile;
  readonly allowOrigin?: readonly string[];
  readonly limitRate?: number;
  readonly meta4?: boolean;
  readonly quiet?: boolean;
}

/** Runs `tributary seed`. */
export async function seed(paths: readonly string[], flags: SeedFlags): Promise<void> {
  const token = await readSeedToken(flags, process.env["TRIBUTARY_TOKEN"]);
  const cert = await readCertificate(flags.cert);
  const key = await readKey(flags.key);
  const { host = "127.0.0.1", port = 0, limitRate } = flags;
  const options: ServeFilesOptions = {
    announce: findOptions(flags, { host, called: "--host" })?.announce,
    ...{ host, port, token, cert, key, limitRate },
    allowOrigins: flags.allowOrigin,
  };
  const events = usage(() => serveFiles(paths, options), { host: "--host", token: "--token" });
  const out = lineWriter(output);
  const describe = describeServing();
  const told = events.pipe(
    takeUntil(merge(interrupts(), outputFailed)),
    concatMap((event) => {
      const text = describe(event);
      if (text !== undefined && (!flags.quiet || event.type === "file-skipped")) say(text);
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

/** Warning for those who get a file of this name, when the name is one that downloads refuse. */
function nameRefusal(name: string): string | undefined {
  try {
    safeFileName(name);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `whoever gets this file without -o has it as ROOT.bin: ${why}`;
  }
}
