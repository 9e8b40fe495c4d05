import {
  asyncScheduler,
  concat,
  defer,
  finalize,
  type Observable,
  of,
  type OperatorFunction,
  tap,
  throwError,
} from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import { emptyAccount } from "./Account.js";
import type { DownloadEventOf } from "./DownloadEvent.js";
import { isResumable } from "./resumable.js";

type Refusal = DownloadEventOf<"download-failed">;

/** Thing that is in use by one subscription at a time. */
export interface Use {
  /** Run that goes on now. */
  holder?: symbol | undefined;
}

/**
 * Lets one subscription run at a time, of all that share `use`. Another one ends at once, with `download-failed` and the
 * `DownloadError` `LOCKED`, and the first never hears of it.
 *
 *     source   --a--b--c--|
 *     first    --a--b--c--|
 *     second      f#               f: download-failed with LOCKED
 */
export function oneAtATime<T>(
  use: Use = {},
  now = (): number => asyncScheduler.now(),
): OperatorFunction<T, T | Refusal> {
  return (source) =>
    defer((): Observable<T | Refusal> => {
      if (use.holder !== undefined) return refused(now);
      const me = Symbol("run");
      use.holder = me;
      const stopped = (): void => {
        if (use.holder === me) use.holder = undefined;
      };
      // Before the end is told as well: whoever hears of it may subscribe again in the same breath.
      return source.pipe(tap({ error: stopped, complete: stopped }), finalize(stopped));
    });
}

function refused(now: () => number): Observable<Refusal> {
  const text = "this download is subscribed already; share it, as with pipe(share()), so that one run serves all";
  const error = new DownloadError("LOCKED", text);
  const { code, message } = error;
  const at = now();
  return concat(
    of<Refusal>({
      ...{ type: "download-failed", at, account: emptyAccount, code, message },
      ...{ failedChunks: [], resumable: isResumable(code) },
    }),
    throwError(() => error),
  );
}
