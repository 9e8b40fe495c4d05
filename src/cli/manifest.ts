import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { firstValueFrom } from "rxjs";
import { DownloadError } from "../index.js";
import { makeManifest } from "../node.js";
import { collect } from "./options/collect.js";
import { say } from "./say.js";
import { UsageError } from "./UsageError.js";

interface Flags {
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly chunkSize?: string;
  readonly url?: readonly string[];
}

export function manifestCommand(): Command {
  return new Command("manifest")
    .description("write the manifest of a file, as Metalink 4, to stdout; its root goes to stderr")
    .argument("<file>")
    .option("-o, --out <file>", "write it to a file instead")
    .option("--overwrite", "replace that file")
    .option("--chunk-size <bytes>", "bytes a chunk (256 KiB, more for large files)")
    .option("--url <url>", "where the file can be had; may be repeated", collect)
    .action(async (file: string, flags: Flags) => {
      const { manifest, metalink } = await firstValueFrom(
        makeManifest(file, {
          ...(flags.chunkSize !== undefined && { chunkSize: parseChunkSize(flags.chunkSize) }),
          ...(flags.url !== undefined && { urls: flags.url }),
        }),
      );
      if (flags.out === undefined) process.stdout.write(metalink);
      else await write(flags.out, metalink, flags.overwrite ?? false);
      say(`root ${manifest.root}`);
    });
}

async function write(path: string, text: string, overwrite: boolean): Promise<void> {
  await writeFile(path, text, { flag: overwrite ? "w" : "wx" }).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw new DownloadError("TARGET_EXISTS", `${path} exists already; --overwrite replaces it`);
    throw new DownloadError("LOCAL_IO", `cannot write ${path}: ${code ?? message}`, { cause });
  });
}

function parseChunkSize(text: string): number {
  const bytes = Number(text);
  if (/^\d+$/.test(text) && bytes >= 1 && bytes < 2 ** 32) return bytes;
  throw new UsageError(
    `--chunk-size is ${JSON.stringify(text)}; it must be a whole number of bytes from 1 to 4294967295`,
  );
}
