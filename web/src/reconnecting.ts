import { catchError, NEVER, type Observable, switchMap, tap, throwError } from "rxjs";
import { askPeers, exponentialBackoff } from "../../src/operators.js";
import { connectControl, type ControlConnection, controlPath, type ControlSocket } from "../../src/page.js";

/** The way to the daemon as it stands: open, or lost and tried again; `opening` before it was either; `over` when it was a command's, which has ended. */
export type Way = { readonly state: "opening" | "open" | "over" } | { readonly state: "lost"; readonly why: string };

const backoff = exponentialBackoff({ initialMs: 250, maxMs: 4000 });

/**
 * What is done with connections to the daemon that served this page, one after the other: it never gives up, unless the other end said that nobody comes after it. An error of `use` is one of its
 * connection, which ends with it. Errors with nothing but what cannot be right again.
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
  const connect = (at: string): Observable<T> => {
    let isLast = false;
    return connectControl(() => new WebSocket(at) as ControlSocket).pipe(
      tap(({ ends }) => {
        isLast = ends;
        tell({ state: "open" });
      }),
      switchMap(use),
      catchError((error: unknown) => (isLast ? over() : throwError(() => error))),
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
