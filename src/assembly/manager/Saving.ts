import { catchError, concat, defer, EMPTY, type Observable } from "rxjs";
import { uninterruptible } from "../../storage/uninterruptible.js";

/** Saving of something that changes while it is saved: whoever asks during a save shares the one after it, so that there are never more than two. */
export class Saving {
  readonly #save: () => Observable<never>;
  #running: Observable<never> = EMPTY;
  #next: Observable<never> | undefined;

  constructor(save: () => Observable<never>) {
    this.#save = save;
  }

  /** Completes when all that was changed by the subscription is saved; errors as the save does. */
  saved(): Observable<never> {
    return defer(() => (this.#next ??= this.#after(this.#running)));
  }

  #after(before: Observable<never>): Observable<never> {
    const next: Observable<never> = uninterruptible(
      concat(
        quietly(before),
        defer(() => {
          this.#running = next;
          this.#next = undefined;
          return this.#save();
        }),
      ),
    );
    return next;
  }
}

/** The end of a save, however it ended; its own subscribers hear of that. */
function quietly(save: Observable<never>): Observable<never> {
  return save.pipe(catchError(() => EMPTY));
}
