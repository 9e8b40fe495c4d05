import { askPeers, sharedHealth } from "rx-tributary/operators";
import type { Observable } from "rxjs";

class Refusal extends Error {
  readonly status: number;
  readonly restMs: number;

  constructor({ status, headers }: Response) {
    super(`HTTP ${status}`);
    this.status = status;
    this.restMs = 1000 * (Number(headers.get("retry-after")) || 1);
  }
}

const health = sharedHealth({ ranking: "balanced" }); // one for all calls of the app

/** The answer by whichever key is free. A key that is limited rests, for all calls, and the call goes on with another at once. */
export function complete(url: string, keys: readonly string[], prompt: object): Observable<unknown> {
  return askPeers(
    keys,
    async (key, { signal }) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(prompt), signal });
      if (!response.ok) throw new Refusal(response);
      return (await response.json()) as unknown;
    },
    {
      health,
      classify: (error) => {
        if (!(error instanceof Refusal)) return "retry";
        if (error.status === 429 || error.status === 503) return { verdict: "continue", restMs: error.restMs };
        if (error.status === 401) return "switch"; // this key is none
        return error.status < 500 ? "fail" : "retry";
      },
    },
  );
}
