import { type Observable, switchMap, tap } from "rxjs";
import { askPeers, exponentialBackoff } from "../../src/operators.js";
import { connectControl, type ControlConnection, controlPath, type ControlSocket } from "../../src/page.js";

/** The way to the daemon as it stands: open, or lost and tried again; `opening` before it was either. */
export type Way = { readonly state: "opening" | "open" } | { readonly state: "lost"; readonly why: string };

const backoff = exponentialBackoff({ initialMs: 250, maxMs: 4000 });

/**
 * What is done with connections to the daemon that served this page, one after the other: it never gives up. An error of `use` is one of its
 * connection, which ends with it. Errors with nothing but what cannot be right again.
 */
export function reconnecting<T>(
  use: (connection: ControlConnection) => Observable<T>,
  tell: (way: Way) => void,
): Observable<T> {
  const url = new URL(controlPath, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const connect = (at: string): Observable<T> =>
    connectControl(() => new WebSocket(at) as ControlSocket).pipe(
      tap(() => tell({ state: "open" })),
      switchMap(use),
    );
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
