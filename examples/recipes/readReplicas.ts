import { askPeers, exponentialBackoff, retryBudget, sharedHealth } from "rx-tributary/operators";
import type { Observable } from "rxjs";

/** A pool of connections to one database, such as `Pool` of pg. */
export interface Replica {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Reads from the replica that is expected to answer soonest; made once for the app. */
export function reader(
  replicas: readonly Replica[],
): (sql: string) => Observable<{ readonly rows: readonly unknown[] }> {
  const config = {
    health: sharedHealth({ ranking: "balanced" }), // a dead replica costs three queries a short wait, not each one
    budget: retryBudget(), // a sick database is not asked ever more often
    samePeerRetries: 0,
    attemptTimeoutMs: 2_000,
    deadlineMs: 5_000,
    backoff: exponentialBackoff({ initialMs: 20, jitter: "full" }),
    classify: (error: unknown) => (isMistake(error) ? "fail" : "retry"),
  } as const;
  return (sql) => askPeers(replicas, (replica) => replica.query(sql), config);
}

/** Classes 22 to 42 of SQLSTATE are the query's fault, wherever it is asked. */
function isMistake(error: unknown): boolean {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" && /^(2[2-8]|42)/.test(code);
}
