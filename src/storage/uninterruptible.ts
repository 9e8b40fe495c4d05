import type { Observable } from "rxjs";
import { ReplaySubject, share } from "rxjs";

/**
 * Work that cannot be called back once it has begun, such as what is saved behind somebody who has left: runs once, from the first subscription to
 * its end, whoever leaves meanwhile. Later subscribers get its last value and its end. A promise is like that of itself.
 *
 *     work     -----|
 *     first    ---!
 *     second       -|
 */
export function uninterruptible<T>(work: Observable<T>): Observable<T> {
  return work.pipe(
    share({
      connector: () => new ReplaySubject<T>(1),
      resetOnComplete: false,
      resetOnError: false,
      resetOnRefCountZero: false,
    }),
  );
}
