import { catchError, defer, map, type Observable, switchMap, throwError } from "rxjs";
import { checkOptions, checkShape, type OptionShapes } from "../../../operators/checkOptions.js";
import { aNumber, anObservable } from "../../../operators/optionShapes.js";
import { notLoaded } from "../../errors/notLoaded.js";
import type { SeederEvent } from "../../seeder/SeederEvent.js";
import type { SharedFiles } from "../../seeder/SharedFiles.js";
import { type ServeLimits, serveLimitShapes } from "../../tools/serveLimits.js";
import { sharedShape } from "../../seeder/sharedShape.js";

export interface PageServeOptions extends ServeLimits {
  /** Bytes a second to all clients together. @default unlimited */
  readonly limitRate?: number | undefined;
}

const shapes: OptionShapes<PageServeOptions> = {
  ...serveLimitShapes,
  limitRate: {
    must: "a whole number of at least 1",
    fits: (value) => Number.isSafeInteger(value) && aNumber(1, Infinity).fits(value),
  },
};

const code = defer(() => import("./pageServing.js")).pipe(
  catchError((thrown: unknown) => throwError(() => notLoaded("serving", thrown))),
);

/**
 * Runs downloads, and serves to others what they have, over WebRTC: each chunk from when its digest has proved it, and whole files after the end, until `ratio`
 * or `minutes` is over, whichever comes first; without both until it is unsubscribed. Others come by the seeders of the downloads' links, for which these need
 * `shared` and `rtc`.
 *
 *     const shared = new SharedFiles();
 *     serveWhile(downloadToBlob(link, { shared, rtc: true }), shared, { ratio: 1 }).subscribe((event) => ...)
 *
 * Emits what the downloads emit and what happens to those who are served. Errors as the downloads do, and with `LOCAL_IO` when its code cannot be loaded.
 * Completes with the downloads where nothing is shared. Unsubscribing leaves the downloads, and closes all connections.
 *
 * @throws TypeError or RangeError at the call for an option that cannot be.
 */
export function serveWhile<T>(
  downloads: Observable<T>,
  shared: SharedFiles,
  options: PageServeOptions = {},
): Observable<T | SeederEvent> {
  checkShape("downloads", downloads, anObservable("events"));
  checkShape("shared", shared, sharedShape);
  checkOptions("serveWhile", options, shapes);
  return code.pipe(
    map(({ servePage }) => servePage(downloads, shared, options)),
    switchMap((events) => events),
  );
}
