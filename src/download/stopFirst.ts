import type { MonoTypeOperatorFunction } from "rxjs";
import { Observable } from "rxjs";

/** Calls `stop` before the source is torn down, where `finalize` would call it after. */
export function stopFirst<T>(stop: () => void): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      subscriber.add(stop);
      return source.subscribe(subscriber);
    });
}
