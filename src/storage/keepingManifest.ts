import { concat, defer, EMPTY, merge, type Observable, tap } from "rxjs";
import type { FileFacts } from "../manifest/Manifest.js";
import { manifestIn } from "../manifest/manifestIn.js";
import type { ManifestStore } from "./ManifestStore.js";
import type { ProgressStore } from "./ProgressStore.js";
import { uninterruptible } from "./uninterruptible.js";

/**
 * The store of a file's progress, which keeps the file's manifest, too, so that the next run has to ask nobody for it: written once a run, beside the first record, and removed with the
 * record. A file without a manifest by which it could be asked of others has none kept.
 */
export function keepingManifest(progress: ProgressStore, manifests: ManifestStore, facts: FileFacts): ProgressStore {
  const manifest = manifestIn(facts);
  if (manifest === undefined) return progress;
  let isKept = false;
  const keep: Observable<never> = defer(() =>
    isKept ? EMPTY : manifests.save(manifest).pipe(tap({ complete: () => (isKept = true) })),
  );
  return {
    load: () => progress.load(),
    // Side by side: both are begun, whoever leaves, and neither needs the other.
    save: (checkpoint) => merge(keep, progress.save(checkpoint)),
    clear: () =>
      defer(() => {
        isKept = false;
        // The record last: as long as it is there, the next run finds what is left.
        return uninterruptible(concat(manifests.clear(), progress.clear()));
      }),
  };
}
