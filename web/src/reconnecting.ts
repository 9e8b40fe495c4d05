import { type Observable, tap } from "rxjs";
import { askPeers, exponentialBackoff } from "../../src/operators.js";
import { connectControl, type ControlConnection, controlPath, type ControlSocket } from "../../src/page.js";

/** The way to the daemon as it stands: open, or lost and tried again; `opening` before it was either. */
export type Way = { readonly state: "opening" | "open" } | { readonly state: "lost"; readonly why: string };

const backoff = exponentialBackoff({ initialMs: 250, maxMs: 4000 });

/** Connections to the daemon that served this page, one after the other: it never gives up. Errors with nothing but what cannot be right again. */
export function reconnecting(tell: (way: Way) => void): Observable<ControlConnection> {
  const url = new URL(controlPath, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return askPeers([url.href], (at) => connectControl(() => new WebSocket(at) as ControlSocket), {
    attemptTimeoutMs: Infinity,
    deadlineMs: Infinity,
    backoff,
    classify: () => "continue",
    onEvent: (event) => {
      if (event.type === "failed") tell({ state: "lost", why: String(event.error) });
    },
  }).pipe(tap(() => tell({ state: "open" })));
}
