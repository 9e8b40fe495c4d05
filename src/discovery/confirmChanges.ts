import {
  catchError,
  concat,
  concatMap,
  defer,
  filter,
  map,
  merge,
  type Observable,
  of,
  take,
  throwError,
  timer,
} from "rxjs";
import { type Account, addRestart } from "../download/Account.js";
import type { DiscoveryEvent } from "../download/DiscoveryEvent.js";
import type { DownloadEvent, DownloadEventOf } from "../download/DownloadEvent.js";
import { backoffOf, type Discovery } from "./Discovery.js";
import type { Doubts } from "./Doubts.js";
import type { Outvoted } from "./Outvoted.js";

/** A file that changes again and again is not worth more. */
const mostRestarts = 3;

export interface ConfirmChangesConfig {
  readonly doubts: Doubts;
  readonly outvoted: Pick<Outvoted, "take">;
  /** Ends a wait. */
  readonly paused: Observable<unknown>;
}

/** The runs before a run. */
interface Past {
  /** Runs since the last one that ended in doubt, at once before this. */
  readonly retries: number;
  readonly restarts: number;
  /** Account of a run whose file has changed. */
  readonly account?: Account | undefined;
}

/** How a download goes on in place of its failure. */
interface Next {
  readonly told: DiscoveryEvent;
  readonly waitMs: number;
  readonly past: Past;
}

/**
 * Runs a download again whose mirrors speak against what is here of it, with an event in place of its failure. Nothing is given up for one answer:
 *
 * - a run that ended in doubt (see `Doubts`) is followed by another one after the wait of a retry, and as often; then the doubt is its failure
 * - a run that began with the file of a mirror that was outvoted is followed by one without that mirror at once; what came before stays in the account
 * - a run whose file became another one on all of its mirrors is followed by another one at once, three times at most; what came before stays in the account
 *
 * Removal of what is here comes only with the run that has it confirmed.
 *
 *     run      --s--f#            s: started, f: failed with RESOURCE_CHANGED
 *     again            --s--c|
 *     result   --s--n--s--c|
 */
export function confirmChanges(
  run: Observable<DownloadEvent>,
  { doubts, outvoted, paused }: ConfirmChangesConfig,
  { retry, clock, random }: Pick<Discovery, "retry" | "clock" | "random">,
): Observable<DownloadEvent> {
  const backoff = backoffOf({ retry, random });

  const afterFailure = (
    { code, account }: DownloadEventOf<"download-failed">,
    begun: boolean,
    past: Past,
  ): Next | undefined => {
    const message = doubts.take();
    if (message !== undefined) {
      if (past.retries === retry.maxChunkRetries) return undefined;
      const retries = past.retries + 1;
      const waitMs = backoff(retries);
      return {
        told: { type: "version-doubted", message, untilMs: clock.now() + waitMs },
        waitMs,
        past: { ...past, retries },
      };
    }
    const peer = outvoted.take();
    if (peer !== undefined) return { told: { type: "mirror-outvoted", peer }, waitMs: 0, past: { ...past, account } };
    if (code !== "RESOURCE_CHANGED" || !begun || past.restarts === mostRestarts) return undefined;
    doubts.heard();
    return { told: { type: "file-changed" }, waitMs: 0, past: { retries: 0, restarts: past.restarts + 1, account } };
  };

  const attempt = (past: Past): Observable<DownloadEvent> =>
    defer(() => {
      const { account: before } = past;
      let begun = false;
      let next: Next | undefined;
      return run.pipe(
        map((event) =>
          "account" in event && before ? { ...event, account: addRestart(before, event.account) } : event,
        ),
        filter((event) => {
          begun ||= event.type === "download-started";
          if (event.type === "download-failed") next = afterFailure(event, begun, past);
          return next === undefined;
        }),
        catchError((error: unknown) => {
          if (next === undefined) return throwError(() => error);
          const { told, waitMs, past: soFar } = next;
          const waited = waitMs === 0 ? of(undefined) : merge(timer(waitMs, clock), paused).pipe(take(1));
          return concat(of<DownloadEvent>({ ...told, at: clock.now() }), waited.pipe(concatMap(() => attempt(soFar))));
        }),
      );
    });
  return attempt({ retries: 0, restarts: 0 });
}
