import type { MonoTypeOperatorFunction } from "rxjs";
import { ReplaySubject, share } from "rxjs";

/**
 * Runs the source once, from the first subscription to its end, whoever leaves meanwhile; tells the end to all who come later.
 *
 *     source   -----|
 *     first    ---!
 *     second       -|
 */
export function toItsEnd<T>(): MonoTypeOperatorFunction<T> {
  return share({
    connector: () => new ReplaySubject<T>(1),
    resetOnComplete: false,
    resetOnError: false,
    resetOnRefCountZero: false,
  });
}
