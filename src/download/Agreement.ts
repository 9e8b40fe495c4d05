import type { Observable } from "rxjs";
import type { Digest } from "../manifest/Digest.js";

/**
 * Decides whether the file that is fetched is the right one: completes when it is. Until then what comes may turn out to be worth nothing, so that no
 * record claims it and the file gets no name. From the moment that `isHere` emits, the download waits for it. A digest of the whole that comes up on the way is
 * emitted, and the file is checked by it.
 *
 * Errors with `RESOURCE_CHANGED` when it is another one; nothing of what came counts then.
 */
export type Agreement = (isHere: Observable<unknown>) => Observable<Digest>;
