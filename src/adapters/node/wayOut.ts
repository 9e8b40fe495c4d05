import { networkInterfaces } from "node:os";
import { catchError, distinctUntilChanged, map, NEVER, type Observable, timer } from "rxjs";

const everyMs = 1000;

/** Tells whether an interface is up that leads out of this machine; looks once a second while somebody listens. */
export const wayOut: Observable<boolean> = timer(0, everyMs).pipe(
  map(() => Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal))),
  distinctUntilChanged(),
  // Some systems do not let a process look. Then nothing is known, which is what `NEVER` says.
  catchError(() => NEVER),
);
