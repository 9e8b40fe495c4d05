import { askPeers } from "rx-tributary/operators";
import type { Observable } from "rxjs";

class StatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** JSON from the first of several servers that gives it. Unsubscribing cancels the request. */
export function getJson(bases: readonly string[], path: string): Observable<unknown> {
  return askPeers(
    bases,
    async (base, { signal }) => {
      const response = await fetch(new URL(path, base), { signal });
      if (!response.ok) throw new StatusError(response.status);
      return (await response.json()) as unknown;
    },
    { attemptTimeoutMs: 10_000, classify },
  );
}

function classify(error: unknown): "retry" | "switch" | "fail" {
  if (!(error instanceof StatusError)) return "retry"; // no network, or no answer in time
  if (error.status === 404) return "switch"; // another server may have it
  const isOurs = error.status < 500 && error.status !== 408 && error.status !== 429;
  return isOurs ? "fail" : "retry";
}
