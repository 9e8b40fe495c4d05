import { defer, distinctUntilChanged, fromEvent, map, merge, NEVER, type Observable, startWith } from "rxjs";

/** Tells whether the browser says that it is online, as its events tell; silent where the platform has no such thing. */
export const wayOut: Observable<boolean> = defer(() => {
  const { navigator } = globalThis as { readonly navigator?: { readonly onLine?: boolean } };
  if (navigator?.onLine === undefined) return NEVER;
  return merge(fromEvent(globalThis, "online"), fromEvent(globalThis, "offline")).pipe(
    startWith(undefined),
    map(() => navigator.onLine !== false),
    distinctUntilChanged(),
  );
});
