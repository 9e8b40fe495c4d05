import { catchError, NEVER, type Observable, switchMap, tap, throwError } from "rxjs";
import { askPeers, exponentialBackoff } from "../../src/operators.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { connectControl, type ControlConnection, controlPath, type ControlSocket } from "../../src/page.js";

/** The way to the daemon as it stands: open, or lost and tried again; `opening` before it was either; `over` when it was a command's, which has ended. */
export type Way = { readonly state: "opening" | "open" | "over" } | { readonly state: "lost"; readonly why: string };

const backoff = exponentialBackoff({ initialMs: 250, maxMs: 4000 });

/**
 * What is done with connections to the daemon that served this page, one after the other: it never gives up, unless the other end, which said that nobody comes
 * after it, says that it ends or is not there any more. An error of `use` is one of its connection, which ends with it. Errors with nothing but what cannot be
 * right again.
 */
export function reconnecting<T>(
  use: (connection: ControlConnection) => Observable<T>,
  tell: (way: Way) => void,
): Observable<T> {
  const url = new URL(controlPath, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const over = (): Observable<never> => {
    tell({ state: "over" });
    return NEVER;
  };
  let isLast = false;
  const connect = (at: string): Observable<T> => {
    let isOpen = false;
    return connectControl(() => new WebSocket(at) as ControlSocket).pipe(
      tap(({ ends }) => {
        isOpen = true;
        isLast = ends;
        tell({ state: "open" });
      }),
      switchMap(use),
      // A connection may break while the other end goes on.
      catchError((error: unknown) => (isLast && (!isOpen || isEnding(error)) ? over() : throwError(() => error))),
    );
  };
  return askPeers([url.href], connect, {
    attemptTimeoutMs: Infinity,
    deadlineMs: Infinity,
    backoff,
    classify: () => "continue",
    onEvent: (event) => {
      if (event.type === "failed") tell({ state: "lost", why: String(event.error) });
    },
  });
}

function isEnding(error: unknown): boolean {
  return error instanceof DownloadError && error.code === "ENDING";
}
