import { finalize, firstValueFrom } from "rxjs";
import { DownloadError } from "../index.js";
import { makeManifest } from "../node.js";
import { hashingLine } from "./show/hashingLine.js";
import { typedNumber, wholeFrom } from "./options/takeNumber.js";
import { print } from "./output.js";
import { say } from "./say.js";
import { UsageError, usage } from "./UsageError.js";
import { writeNew } from "./writeNew.js";

export interface ManifestFlags {
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly chunkSize?: string;
  readonly url?: readonly string[];
}

/** A larger chunk would be refused by whoever reads the manifest. */
const mostBytes = 64 * 1024 * 1024;
const chunkSizes = wholeFrom(1, mostBytes, `a whole number of bytes from 1 to ${mostBytes}`);

/** Runs `tributary manifest`. */
export async function manifest(file: string, flags: ManifestFlags): Promise<void> {
  if (flags.out === "") throw new UsageError('--out is ""; it must be the name of a file');
  const progress = hashingLine(file);
  const chunkSize = typedNumber(flags.chunkSize, "--chunk-size", chunkSizes);
  const made = usage(() =>
    makeManifest(file, {
      ...(chunkSize !== undefined && { chunkSize }),
      ...(flags.url !== undefined && { urls: flags.url }),
      onHashed: progress.tell,
    }),
  );
  const { manifest, metalink } = await firstValueFrom(made.pipe(finalize(progress.end))).catch((error: unknown) => {
    const isTooMany = error instanceof DownloadError && error.code === "INVALID_MANIFEST";
    throw isTooMany && flags.chunkSize !== undefined
      ? new UsageError(`--chunk-size is ${flags.chunkSize}, which is too small for this file: ${error.message}`)
      : error;
  });
  if (flags.out === undefined || flags.out === "-") {
    if (!(await print(metalink))) return;
  } else {
    const { overwrite = false } = flags;
    await writeNew(flags.out, metalink, { overwrite, advice: "--overwrite replaces it" });
  }
  say(`root ${manifest.root}`);
}
