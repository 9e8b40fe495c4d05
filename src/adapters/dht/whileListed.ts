import { Observable, type OperatorFunction, Subscription } from "rxjs";

/** Values that `make` brings for each item of the latest set, for as long as the item is in it. Errors as the source and any of these do. */
export function whileListed<T, R>(make: (item: T) => Observable<R>): OperatorFunction<ReadonlySet<T>, R> {
  return (sets) =>
    new Observable((subscriber) => {
      const held = new Map<T, Subscription>();
      const all = new Subscription(() => held.forEach((each) => each.unsubscribe()));
      const update = (items: ReadonlySet<T>): void => {
        for (const [item, each] of held) {
          if (items.has(item)) continue;
          held.delete(item);
          each.unsubscribe();
        }
        for (const item of items) {
          if (held.has(item)) continue;
          const own = new Subscription();
          held.set(item, own);
          own.add(
            make(item).subscribe({
              next: (value) => subscriber.next(value),
              error: (error: unknown) => subscriber.error(error),
            }),
          );
        }
      };
      all.add(sets.subscribe({ next: update, error: (error: unknown) => subscriber.error(error) }));
      return all;
    });
}
