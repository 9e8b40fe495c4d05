import { firstValueFrom } from "rxjs";
import { DownloadError, type Manifest } from "../index.js";
import { metalinkFiles, writeMetalink } from "../node.js";
import { writeNew } from "./writeNew.js";

/**
 * Writes the manifest of the file at `path` to `<path>.meta4`, unless that is a manifest with the same root already.
 *
 * @throws DownloadError `TARGET_EXISTS` when it is anything else, or `LOCAL_IO`
 */
export async function writeMeta4(path: string, manifest: Manifest, link: string): Promise<void> {
  const target = `${path}.meta4`;
  const advice = `it is no manifest of ${path} as it is served here, and is left as it is`;
  try {
    await writeNew(target, writeMetalink(manifest, [link]), { advice });
  } catch (error) {
    const exists = error instanceof DownloadError && error.code === "TARGET_EXISTS";
    if (!exists || (await rootIn(target)) !== manifest.root) throw error;
  }
}

/** The root of a manifest, or nothing when the file is none. */
async function rootIn(path: string): Promise<string | undefined> {
  try {
    const [only, ...others] = await firstValueFrom(metalinkFiles(path, { maxMetalinkBytes: Infinity }));
    return others.length === 0 ? only?.manifest?.root : undefined;
  } catch {
    // A file of any other kind is not ours to touch, which the caller says.
    return undefined;
  }
}
