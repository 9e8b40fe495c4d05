import { finalize, firstValueFrom } from "rxjs";
import { DownloadError } from "../index.js";
import { makeManifest } from "../node.js";
import { hashingLine } from "./show/hashingLine.js";
import { print } from "./output.js";
import { say } from "./say.js";
import { UsageError, usage } from "./UsageError.js";
import { writeNew } from "./writeNew.js";

export interface ManifestFlags {
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly chunkSize?: number;
  readonly url?: readonly string[];
}

/** Runs `tributary manifest`. */
export async function manifest(file: string, flags: ManifestFlags): Promise<void> {
  const progress = hashingLine(file);
  const { chunkSize } = flags;
  const made = usage(() =>
    makeManifest(file, {
      ...(chunkSize !== undefined && { chunkSize }),
      ...(flags.url !== undefined && { urls: flags.url }),
      onHashed: progress.tell,
    }),
  );
  const { manifest, metalink } = await firstValueFrom(made.pipe(finalize(progress.end))).catch((error: unknown) => {
    const isTooMany = error instanceof DownloadError && error.code === "INVALID_MANIFEST";
    throw isTooMany && chunkSize !== undefined
      ? new UsageError(`--chunk-size is ${chunkSize}, which is too small for this file: ${error.message}`)
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
