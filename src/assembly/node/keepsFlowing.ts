import { defer, ignoreElements, takeUntil, tap } from "rxjs";
import type { MonoTypeOperatorFunction, Observable, SchedulerLike } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { realProgressBytes } from "../../transfer/judgeFailure.js";

export interface FlowConfig {
  readonly peer: string;
  /** The time in which real progress has to come, ms. */
  readonly everyMs: number;
  /** Back-pressure: after a pause of ours that time begins anew. */
  readonly paused: Observable<boolean>;
  readonly scheduler: SchedulerLike;
}

/**
 * Passes bytes on that may come for any time, as long as they come: a byte now and then is no silence, and would never end. Errors with `TIMEOUT` at the
 * first byte after `everyMs` in which less than 16 KiB came. Silence is for others to notice.
 *
 *     source   aaaa-bbbb--b---b---b
 *     result   aaaa-bbbb--b---b---#
 */
export function keepsFlowing({ peer, everyMs, paused, scheduler }: FlowConfig): MonoTypeOperatorFunction<Uint8Array> {
  return (source) =>
    defer(() => {
      let isPaused = false;
      let since = scheduler.now();
      let bytes = 0;
      const startAgain = (): void => {
        since = scheduler.now();
        bytes = 0;
      };
      const pauses = paused.pipe(
        tap((now) => {
          isPaused = now;
          startAgain();
        }),
        ignoreElements(),
      );
      return source.pipe(
        tap(({ length }) => {
          bytes += length;
          if (bytes >= realProgressBytes) startAgain();
          else if (!isPaused && scheduler.now() - since >= everyMs) {
            const text = `${peer} brought less than ${realProgressBytes} bytes in ${everyMs / 1000} s`;
            throw new DownloadError("TIMEOUT", text, { peer });
          }
        }),
        takeUntil(pauses),
      );
    });
}
