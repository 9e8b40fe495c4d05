import type { Observable } from "rxjs";

/**
 * Decides whether the file that is fetched is the right one: completes when it is. Until then what comes may turn out to be worth nothing, so that no
 * record claims it and the file gets no name. From the moment that `isHere` emits, the download waits for it.
 *
 * Errors with `RESOURCE_CHANGED` when it is another one; nothing of what came counts then.
 */
export type Agreement = (isHere: Observable<unknown>) => Observable<never>;
