import { catchError, concat, defer, EMPTY, merge, type Observable, tap } from "rxjs";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { manifestIn } from "../manifest/manifestIn.js";
import type { ManifestStore } from "./ManifestStore.js";
import type { ProgressStore } from "./ProgressStore.js";
import { uninterruptible } from "./uninterruptible.js";

export interface KeepingManifestParts {
  readonly progress: ProgressStore;
  readonly manifests: ManifestStore;
  /** Told once what is not as it should be. */
  readonly onTrouble: (message: string) => void;
}

/**
 * The store of a file's progress, which keeps the file's manifest, too, so that the next run has to ask nobody for it: saved once a run, beside the first
 * record, and removed with the record. No download ends because its manifest cannot be kept or removed: that is told. A file without a manifest by which it
 * could be asked of others has none kept.
 */
export function keepingManifest(
  { progress, manifests, onTrouble }: KeepingManifestParts,
  facts: FileFacts,
): ProgressStore {
  const manifest = manifestIn(facts);
  if (manifest === undefined) return progress;
  let isTried = false;
  let trouble: string | undefined;
  let isTold = false;
  const noted = (work: Observable<never>, words: string): Observable<never> =>
    work.pipe(
      catchError((thrown: unknown) => {
        trouble ??= `${words}: ${toDownloadError(thrown).message}`;
        return EMPTY;
      }),
    );
  const keep = defer(() => {
    if (isTried) return EMPTY;
    const saved = noted(
      manifests.save(manifest),
      "The manifest cannot be kept beside the file. The download goes on; if it is interrupted, the next run has to find somebody who has the manifest",
    );
    return saved.pipe(tap({ complete: () => (isTried = true) }));
  });
  // Last: a disk that fails the record, too, says so by the end of the download.
  const tell: Observable<never> = defer(() => {
    if (trouble !== undefined && !isTold) {
      isTold = true;
      onTrouble(trouble);
    }
    return EMPTY;
  });
  return {
    load: () => progress.load(),
    // Side by side: both are begun, whoever leaves, and neither needs the other.
    save: (checkpoint) => concat(merge(keep, progress.save(checkpoint)), tell),
    clear: () =>
      defer(() => {
        isTried = false;
        const removed = noted(
          manifests.clear(),
          "The manifest of the unfinished file stays, and is of no use any more",
        );
        // The record last: as long as it is there, the next run finds what is left.
        return uninterruptible(concat(removed, progress.clear(), tell));
      }),
  };
}
