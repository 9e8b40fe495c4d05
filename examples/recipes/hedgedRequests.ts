import { askPeers, hedge, retryBudget } from "rx-tributary/operators";
import type { Observable } from "rxjs";

const budget = retryBudget(); // bounds retries and second requests together

/** Text from whichever mirror is first: the second is asked when the first was silent for 200 ms, or fails, and the slower one is cancelled. */
export function fetchFirst(mirrors: readonly string[]): Observable<string> {
  const hedged = hedge({ after: 200, allow: () => budget.tryTake() });
  return askPeers(
    mirrors,
    hedged(async (url: string, { signal }) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return response.text();
    }),
    { budget },
  );
}
