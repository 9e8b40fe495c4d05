import type { Observable } from "rxjs";
import type { Manifest } from "../manifest/Manifest.js";
import type { Damage } from "./parseCheckpoint.js";

/** Ending of the name beside a file that its manifest has, as long as the file is unfinished. */
export const manifestEnding = ".part.hashes";

/**
 * Where the manifest of one unfinished file is kept, apart from the progress, which is written again and again. As in `ProgressStore`, each method is lazy,
 * works once a subscription, in the order of the subscriptions, and runs to its end even if unsubscribed. Errors are `LOCAL_IO`.
 */
export interface ManifestStore {
  /** One emission: the manifest of this root, proved by it; `undefined` when none is kept, or that of another file; or why what is kept is none. */
  load(root: string): Observable<Manifest | Damage | undefined>;
  /** Completes when it would survive a power loss. Writes nothing where it is kept already, and leaves nothing of a save that was killed. */
  save(manifest: Manifest): Observable<never>;
  /** Removes what is kept. May be called again. */
  clear(): Observable<never>;
}
